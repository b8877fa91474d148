"""What the other side answered, or did not, sorted by what somebody in the office can do about it."""

# The names of what is raised where nobody answers; a code would be an answer.
NO_ANSWER = frozenset(
    {
        "no answer",
        "BrokenPipeError",
        "ConnectError",
        "ConnectionAbortedError",
        "ConnectionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "IncompleteRead",
        "OSError",
        "RemoteDisconnected",
        "SMTPConnectError",
        "SMTPServerDisconnected",
        "TimeoutError",
        "URLError",
        "gaierror",
        "herror",
        "timeout",
    }
)
UNTRUSTED = frozenset({"SSLCertVerificationError", "SSLError", "SSLEOFError", "CertificateError"})
# Set up wrongly, so that nothing can leave this way: the server asks who we are, or nobody says where to.
SET_UP = frozenset({"530", "534", "535", "538", "MAIL_FROM", "SMTPAuthenticationError", "no provider"})
NOT_TAKEN = frozenset({"550", "551", "553"})
FULL = frozenset({"452", "522", "552"})
