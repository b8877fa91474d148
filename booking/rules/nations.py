"""Where people may say they live."""

NATIONS = ("England", "Scotland", "Wales", "Northern Ireland")
ELSEWHERE = "Somewhere else"
# The empty one is "rather not say".
ANSWERS = (*NATIONS, ELSEWHERE, "")
