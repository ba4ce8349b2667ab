"""TLS between nodes: a certificate of the transport key signed by that very key, and its public half as the pin.

Rules for the next editor:

1. No authority, name or date in a certificate counts. What counts is that TLS 1.3 proves the key, and that it is the
   one that was paired; nothing is sent before that is checked.
2. The secret key is in a file only sealed under a password that nobody knows a moment later.
"""

import hmac
import os
import secrets
import socket
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from tansiq.errors import PeerError
from tansiq.record.keys import ED25519, PublicKey, SecretKey

_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tansiq")])
_BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
_END = datetime(9999, 12, 31, tzinfo=UTC)


def server_context(key: SecretKey) -> ssl.SSLContext:
    """What a node serves with: TLS 1.3, the certificate of its transport key. Raises OSError."""
    assert key.kind == ED25519, key.kind
    secret = Ed25519PrivateKey.from_private_bytes(key.seed)
    made = x509.CertificateBuilder().subject_name(_NAME).issuer_name(_NAME).public_key(secret.public_key())
    dated = made.serial_number(1).not_valid_before(_BEGIN).not_valid_after(_END)
    certificate = dated.sign(secret, None).public_bytes(Encoding.PEM)
    password = secrets.token_hex(32)
    sealed = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password.encode()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # The ssl module reads keys from files alone.
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "transport.pem"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(certificate + sealed)
        context.load_cert_chain(file, password=password)
    return context


def client_context() -> ssl.SSLContext:
    """What a node dials with: TLS 1.3, any certificate, since `prove` compares its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def dial(address: tuple[str, int], context: ssl.SSLContext | None, *, timeout_s: float) -> socket.socket:
    """A connection on which nothing was sent yet, not even a handshake; without a context it stays without TLS.

    Raises PeerError: unreachable.
    """
    try:
        plain = socket.create_connection(address, timeout=timeout_s)
        return plain if context is None else context.wrap_socket(plain, do_handshake_on_connect=False)
    except OSError as error:
        raise PeerError("unreachable", "address", type(error).__name__, "a node that listens there") from error


def prove(way: socket.socket, pin: PublicKey) -> None:
    """The other end holds the pinned key; nothing but the handshake was sent. Without TLS nothing is proved.

    Raises PeerError: unreachable, wrong_key.
    """
    if not isinstance(way, ssl.SSLSocket):
        return
    try:
        way.do_handshake()
    except OSError as error:
        raise PeerError("unreachable", "address", type(error).__name__, "a node that speaks TLS 1.3") from error
    check_pin(way.getpeercert(binary_form=True), pin)


def check_pin(certificate: bytes | None, pin: PublicKey) -> None:
    """The certificate is of the pinned key. Raises PeerError: wrong_key."""
    try:
        shown = x509.load_der_x509_certificate(certificate or b"").public_key()
    except ValueError:
        shown = None
    raw = shown.public_bytes_raw() if isinstance(shown, Ed25519PublicKey) else b""
    if not hmac.compare_digest(bytes([ED25519]) + raw, pin.encoded):
        raise PeerError("wrong_key", "certificate", "another key", "the transport key that was paired")
