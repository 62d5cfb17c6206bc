"""Words of two meanings, in sentences that tell which one is meant: before the word, or only after it."""

from __future__ import annotations

from typing import NamedTuple


class Sense(NamedTuple):
    """One meaning of a word."""

    before: tuple[str, str, str]
    """What stands left of the word."""
    after: tuple[str, str, str]
    """What stands right of it, behind a beginning that does not tell."""


class Word(NamedTuple):
    """A word with two meanings."""

    word: str
    senses: tuple[Sense, Sense]


def _word(word: str, *parts: str) -> Word:
    """From twelve parts: three befores and three afters of one meaning, then of the other."""
    one, two = parts[:6], parts[6:]
    return Word(word, (Sense(one[:3], one[3:]), Sense(two[:3], two[3:])))  # type: ignore[arg-type]


BEGINNING = "The"
WORDS = (
    _word(
        "bank",
        "The river rose and the water covered the", "They pulled the boat onto the", "The fish swam near the muddy",
        "was steep and covered with wet grass", "of the river was flooded after the rain", "was full of reeds and mud",
        "He borrowed a large sum of money from the", "The company owed a loan to the", "She opened an account at the",
        "refused to lend the company any money", "was closed, so nobody was paid", "raised its rates on loans and debt",
    ),
    _word(
        "spring",
        "After the cold winter came the warm", "The flowers open and the birds return in", "Seeds are planted in early",
        "was warm and the flowers opened early", "began in March after a long winter", "of that year was wet and cold",
        "The clock stopped because of a broken", "A weight was hung on the metal", "The force stretches the steel",
        "was made of steel wire and broke", "in the clock was wound too tightly", "was compressed by a force",
    ),
    _word(
        "match",
        "The team lost the final football", "The players were tired after the tennis", "They scored two goals in the",
        "was won by the home team", "ended in a draw after two goals", "was watched by many fans of the club",
        "He lit the fire with a", "She lit her cigarette with a", "It was dark, so he struck a",
        "was damp and would not burn", "burned his fingers when he lit it", "lit the candle and the dry wood",
    ),
    _word(
        "light",
        "The sun gave a bright", "The lamp filled the dark room with", "The telescope collects the",
        "of the lamp was bright and yellow", "from the sun takes minutes to reach the Earth", "was seen in the dark",
        "He could carry the box, for it was", "The metal is strong but very", "The bag weighs little and is",
        "weight of the bag was easy to carry", "box was easy to lift", "aircraft weighed less than a car",
    ),
    _word(
        "plant",
        "She watered the leaves of the green", "The seed grew into a tall", "The flower of this wild",
        "has green leaves and white flowers", "grows in wet soil and needs the sun", "died because its roots were dry",
        "The workers built cars in the", "Electric power is produced by the nuclear", "The company closed its steel",
        "was built by the company to produce cars", "employs many engineers", "was closed and all workers left",
    ),
    _word(
        "court",
        "The judge and the jury sat in the", "The lawyer brought the case before the", "He was accused of a crime in",
        "found him guilty of the crime", "heard the case and the judge agreed", "ruled that the law was not valid",
        "The players ran across the tennis", "The ball bounced on the hard", "The basketball team trained on the",
        "was wet, so the players could not play", "was marked with lines for tennis", "is where the team plays",
    ),
    _word(
        "current",
        "The boat was carried away by the strong", "The river has a fast", "They swam against the ocean",
        "carried the boat down the river", "of warm water flows along the coast", "was too strong for the swimmers",
        "The wire carries an electric", "The battery supplies a", "The voltage drives a large",
        "through the wire depends on the voltage", "flows from the battery to the lamp", "in the circuit was measured",
    ),
    _word(
        "state",
        "The governor of the American", "The largest city in the southern", "They crossed the border into another",
        "has a governor and a capital city", "is north of Texas", "voted for a new governor that year",
        "The water changed into a solid", "The patient was in a poor", "The atom is in an excited",
        "of the gas depends on its temperature", "of his health was very poor", "of the atom has a lower energy",
    ),
    _word(
        "ring",
        "She wore a diamond and gold", "He bought his wife a wedding", "On her finger there was a",
        "was made of gold and silver", "on her finger had belonged to her mother", "was lost with the other jewels",
        "The boxer stepped into the", "The fighters met in the", "The wrestler fell out of the",
        "was empty after the boxers had fought", "was surrounded by fans of the fighter", "held the two boxers",
    ),
    _word(
        "cell",
        "The nucleus lies inside the", "The virus enters the human", "Proteins move through the membrane of the",
        "has a nucleus and a membrane", "divides into two and copies its DNA", "makes proteins and grows",
        "The prisoner was locked in his", "The guard opened the door of the", "He spent the night in a prison",
        "was locked by the prison guards", "held four prisoners and had no window", "was searched for the prisoner",
    ),
    _word(
        "star",
        "The telescope pointed at a distant", "The planet moves around its", "In the night sky there was a bright",
        "is larger and hotter than the sun", "has two planets in its orbit", "is many light years from the Earth",
        "The film made the actor a", "The singer became a famous", "The fans loved the movie",
        "of the film won an award", "sang on her new album", "was interviewed about his role in the movie",
    ),
    _word(
        "table",
        "They sat down and ate at the", "The plates and the food were on the", "The chairs stood around the wooden",
        "was made of wood and had four legs", "was covered with plates and food", "stood between two chairs",
        "The numbers are listed in the", "The results of the test are given in the", "The data are shown in a",
        "lists the numbers and their sums", "shows the data of the last three years", "has three rows and four columns",
    ),
)  # fmt: skip
"""The word stands once in each sentence: `before` + word, or BEGINNING + word + `after`."""
