"""Every limit of tansiq in one record, with what happens past it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may be; past a limit it is refused with the code named in the comment."""

    vertices_per_footprint: int = 10_000  # limit_exceeded; the figure F3548 names for a USS
    footprint_reach_m: float = 5_000_000.0  # footprint_too_large; keeps every footprint well inside a hemisphere
    outline_m: float = (
        100_000_000.0  # footprint_too_large; the length of all edges, so that dense outlines stay bounded
    )
    minimum_m: float = 1_000_000.0  # out_of_range; a separation minimum, horizontal or vertical
    altitude_min_m: float = -8_000.0  # out_of_range; F3548 Altitude
    altitude_max_m: float = 100_000.0  # out_of_range; F3548 Altitude
    file_bytes: int = 1_000_000_000  # limit_exceeded, after unpacking
    volumes: int = 2_000_000  # limit_exceeded; per run of a check
    conflicts: int = 2_000_000  # limit_exceeded; pairs of volumes found in a run, two kilobytes of memory each
    live_points: int = 100_000_000  # limit_exceeded; rows of outlines in an index, 24 bytes each
    id_characters: int = 200  # limit_exceeded; ids, party names, intent names
    volumes_per_zone: int = 10_000  # limit_exceeded; layers times periods. A longer schedule is enclosed by one window
    zone_text_characters: int = 10_000  # a longer text of a geozone is cut, and told as a loss
    xml_bytes: int = 200_000_000  # limit_exceeded; a file of XML, after unpacking
    xml_elements: int = 2_000_000  # limit_exceeded; in one file, a third of a kilobyte of memory each
    xml_depth: int = 100  # limit_exceeded; elements within elements
    xml_characters: int = 10_000_000  # limit_exceeded; the text of one element
    archive_entries: int = 10_000  # archive_refused; files in an archive
    findings_per_file: int = 1_000  # the rest is counted, not listed
    suggested_conflicts: int = 200  # shifts are looked for in the earliest conflicts; it is said of the others
    report_conflicts: int = 2_000  # the HTML report lists the earliest and says how many it leaves to the JSON
    report_pictures: int = 60  # conflicts of the report with a map of their own; it says that the others have none
    report_lanes: int = 40  # intents in the report's time strip, conflicts in its altitude lanes; it says how many more
    report_outlines: int = 1_000  # volumes drawn around the conflicts of the report's map; it says how many more
    report_rows: int = 200  # files, parties and what was not checked in the report; the rest is counted
    log_leaves: int = 100_000_000  # limit_exceeded; leaves of one log, 34 bytes of memory each
    note_bytes: int = 200_000  # limit_exceeded; a signed note with all its signatures
    note_signatures: int = 64  # limit_exceeded; on one note. C2SP asks for at least 16
    key_name_bytes: int = 255  # bad_note; names of keys and logs: an ML-DSA-44 cosignature has room for no more
    # The record. Past each of them bytes are refused with limit_exceeded, unless it says otherwise.
    record_depth: int = 32  # arrays and objects within each other, in canonical JSON
    entry_bytes: int = 1_048_576  # the signed bytes of an entry or a genesis
    field_bytes: int = 16_777_216  # one field of a body, with its name and salt
    fields_per_body: int = 4_096
    refs_per_entry: int = 1_000
    runs_in_seen: int = 64  # runs held beyond gaps, per member; later runs are not receipted yet
    members_per_channel: int = 64
    keys_per_channel: int = 1_024  # listed in a genesis
    held_per_party: int = 10_000  # entries beyond a gap; they are fetched again when the gap has closed
    unchecked_per_party: int = 100  # entries beyond a gap by a key that nobody here knows yet; as above
    pack_bytes: int = 268_435_456
    pack_entries: int = 100_000  # a longer channel goes into packs of its threads
    trust_file_bytes: int = 65_536
    key_file_bytes: int = 65_536
    passphrase_memory_kib: int = 262_144  # out_of_range; what opening a key file may take
    passphrase_passes: int = 16  # out_of_range; over that memory
    passphrase_lanes: int = 16  # out_of_range
    # A node and its directory. Past each of them limit_exceeded.
    channels_per_node: int = 4_096
    offices_per_node: int = 64
    node_file_bytes: int = 65_536  # node.toml
    passphrase_bytes: int = 1_024  # of a file with a passphrase, or what was typed
    # Pairing. Past each of them limit_exceeded.
    offer_bytes: int = 262_144  # some 2,000 keys
    own_offers: int = 64  # tracks that a node has offered
    answers_per_node: int = 1_024  # answers given, one for each party and track
    peers_per_node: int = 1_024
    # The store. A group of changes past one of them is refused whole with limit_exceeded.
    changes_per_commit: int = 10_000
    journal_entry_bytes: int = 67_108_864
    store_channels: int = 100_000
    store_cells: int = 1_000_000
    cell_name_bytes: int = 255  # a cell's kind, and its key
    cell_bytes: int = 4_194_304
    # Serving. Past the first ones a connection is closed unanswered; past the others a request is refused.
    connections: int = 256  # open at once
    connections_per_address: int = 32  # open at once, from one IPv4 address or one IPv6 network of 64 bits
    connections_per_s: int = 50  # from one address; each costs a handshake
    connections_burst: int = 200  # from one address that was quiet
    handshake_s: int = 5  # for TLS
    request_s: int = 10  # too_slow; until a request's head is here, and to begin its body or the answer's way
    bytes_per_s: int = 1_000  # too_slow; what a body, or an answer's way, takes beyond that
    request_head_bytes: int = 16_384
    requests_per_s: int = 20  # too_many; of one party
    requests_burst: int = 100  # too_many; of one party that was quiet
    requests_at_once: int = 4  # too_many; of one party, those that wait for something to say included
    rates_kept: int = 10_000  # addresses or parties; the one that was quiet longest is forgotten
    nonces_per_party: int = 4_096  # the oldest is forgotten
    wait_s: int = 25  # out_of_range; how long an answer may be held until there is something to say
    commands_waiting: int = 1_000  # busy; to be decided
    commands_per_commit: int = 100  # the others wait for the next commit
    retry_s: int = 30  # the longest pause before another try to reach a peer
    parcel_bytes: int = 8_388_608  # limit_exceeded; what one node gives another at once
    carried_bytes: int = 16_777_216  # limit_exceeded; a file that carries a parcel
    status_bytes: int = 4_194_304  # limit_exceeded; status.json
    # What nodes give each other. Past each of them the rest goes with the next parcel, unless it says otherwise.
    parcel_entries: int = 4_096
    parcel_items: int = 4_096  # in every other list of a parcel
    wants_per_channel: int = 256
    body_bytes: int = 6_291_456  # limit_exceeded when it is said: with its entry a body must fit into a parcel
    security_cells: int = 1_000  # older ones make room


LIMITS = Limits()
