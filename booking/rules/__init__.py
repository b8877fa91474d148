"""Pure functions: facts in, facts or words out; no database, no clock, no request."""
