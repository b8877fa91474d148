"""The equality questions and the answers there are to each: broad groups, as the census has them."""

AGE_BANDS = ("16-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")
ETHNICITIES = ("asian", "black", "mixed", "white", "other")
GENDERS = ("woman", "man", "non_binary", "other")
ORIENTATIONS = ("straight", "gay_or_lesbian", "bisexual", "other")
DISABILITIES = ("a_lot", "a_little", "no")
# Nothing chosen, and "prefer not to say", are the same answer: the empty one.
ANSWERS = {
    "age_band": AGE_BANDS,
    "ethnicity": ETHNICITIES,
    "gender": GENDERS,
    "orientation": ORIENTATIONS,
    "disability": DISABILITIES,
}
