"""What tests stand on: real databases, real processes, a mail server that misbehaves on demand, a browser."""
