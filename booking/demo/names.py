"""What the people of the sample season are called, where they live, and what helps them to take part."""


def _parted(names: str) -> tuple[str, ...]:
    return tuple(names.split())


WOMEN = _parted(
    "Aisha Alison Amanda Angela Anita Bethan Blessing Brigid Bronagh Caitríona Carol Catrin Ceri Chantal "
    "Charlotte Chiamaka Christine Claire Dawn Deborah Diane Eilidh Éilis Elaine Eleri Emma Esther Ffion "
    "Fiona Frances Gill Gráinne Gurpreet Gwen Hannah Heather Helen Iona Jacqui Janet Joanne Joyce Julie "
    "Karen Kirsty Latoya Leila Linda Lorraine Lucía Lynne Mairi Maggie Małgorzata Mandy Marian Mei Morag "
    "Nadia Naomi Nasreen Nerys Nicola Nuala Olwen Oonagh Pamela Pat Pauline Precious Priya Rachel Rhian "
    "Rosemary Ruth Sadie Sandra Sarah Seonaid Sharon Shazia Sheila Sian Siobhán Sunita Susan Tracey "
    "Ursula Valerie Veronica Wendy Yasmin Yvonne Zainab Zoë Zofia"
)
MEN = _parted(
    "Adeyemi Alan Andrzej Brian Colin Daffydd Dave Declan Emyr Euan Farhan Gareth George Graham Hamish "
    "Imran Ivor Jim Keith Kwame Lennox Malcolm Martin Neil Olu Padraig Pete Rajesh Ravi Stewart Tony Wyn"
)
SURNAMES = _parted(
    "Abubakar Adams Ahmed Allan Anderson Bailey Banerjee Begum Bell Bennett Boyle Brady Brown Campbell "
    "Carter Chaudhry Chen Clarke Collins Cooper Cunningham D'Arcy D'Souza Davies Dhillon Donnelly Douglas "
    "Edwards Ellis Evans Farrell Fernández Fletcher Fraser Gallagher Gibson Gordon Graham Grant Griffiths "
    "Gunn Hall Harris Henderson Hughes Hussain Ibrahim Jackson Jenkins Johnston Jones Kaur Kelly Kowalska "
    "Lewis Lloyd Macdonald MacLeod Mahmood Marshall McBride McCarthy McKenna Miller Mitchell Morgan "
    "Müller Murphy Murray N'Diaye Nair Nowak Núñez O'Brien O'Connor O'Neill Okafor Okonkwo Osei Owen "
    "Parry Patel Pearson Powell Price Quinn Rahman Reid Reilly Roberts Robinson Ross Sánchez Scott Sharma "
    "Shaw Singh Sinclair Smith Stewart Sutherland Taylor Thomas Thompson Walker Wallace Ward Watson White "
    "Williams Wilson Wójcik Wood Wright Yilmaz Young"
)
SHORT = {
    "Alison": "Ali",
    "Amanda": "Mandy",
    "Charlotte": "Lottie",
    "Christine": "Chris",
    "Deborah": "Debs",
    "Esther": "Essie",
    "Gurpreet": "Preet",
    "Jacqui": "Jacs",
    "Joanne": "Jo",
    "Małgorzata": "Gosia",
    "Nicola": "Nicky",
    "Pamela": "Pam",
    "Rachel": "Rach",
    "Rosemary": "Rosie",
    "Susan": "Sue",
    "Valerie": "Val",
    "Veronica": "Vron",
    "Yvonne": "Vonnie",
}
# Names that a form, a letter or a calendar has stumbled over somewhere: full name, and the one she likes.
UNUSUAL = (
    ("Llŷr Pŵel", "Llŷr"),
    ("Mari Tŷ-Gwŷn", "Mari"),
    ("شيرين حداد", "شيرين"),
    ("Katie Bloom", "Katie 🌻"),
    ("Orla O'Shaughnessy-D'Arcy", "Orla"),
    ("Ngozi Nwachukwu-Featherstonehaugh", "Ngozi"),
    ("Jo", "Jo"),
    ("Anaïs de la Cruz y Gómez", "Anaïs"),
    ("李梅", "Mei"),
    ("Þórunn Sigurðardóttir", "Þórunn"),
)
ACCESS_NEEDS = (
    "I use a walking stick and need a chair with arms.",
    "Please keep a seat near the door.",
    "I can't manage stairs.",
    "I'm hard of hearing and need to see faces.",
    "I tire quickly and may leave early.",
    "My fingers are numb, so please open doors and lids for me.",
    "I come with an assistance dog.",
    "No strong scents, please.",
    "I need captions online.",
    "I read large print.",
)
STREETS = ("Mill Lane", "Station Road", "Church Street", "Victoria Terrace", "Priory Close", "Harbour View")
