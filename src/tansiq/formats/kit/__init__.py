"""What several file formats need alike. It knows none of them."""
