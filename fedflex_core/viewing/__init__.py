"""What people watched: exports, the catalogue of what can be watched, and how watching becomes stars."""
