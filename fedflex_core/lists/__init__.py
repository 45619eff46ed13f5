"""From scores to list A and list B, and what clicks say of them. Arrays only."""
