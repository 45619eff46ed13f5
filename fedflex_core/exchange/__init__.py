"""Files in a shared folder and their rules; no maths of learning."""
