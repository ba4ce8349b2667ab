"""What a party can ask of its node: one function for each thing, on ports for the store, the clock and lots."""
