"""What experiments found: kept on this machine, laid out as text, and taken away as files."""
