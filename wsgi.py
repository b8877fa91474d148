"""What web servers and the flask command open: the application, or one plain line per reason."""

import sys

from booking import create_app
from config import SettingsError, read

try:
    app = create_app(read())
except SettingsError as error:
    for problem in error.problems:
        print(problem, file=sys.stderr)
    sys.exit(1)
