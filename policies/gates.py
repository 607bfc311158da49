"""The ordered procedure: every gate once, in the order in which it is asked. The order is part of the rule.

Source: `docs/spec/consent.md`, "The procedure". A basis that says "house rule" is ours, not a treaty's.
"""

from policies import gates_inside as inside
from policies import gates_outside as outside
from policies.asked import Asked
from policies.facts import Facts
from policies.gate import Gate

REQUEST_GATES: tuple[Gate[Facts], ...] = (
    Gate(
        "account", 1, "House rule",
        "The participating body, the person and their access are active",
        "L'organe participant, la personne et son accès sont actifs",
        outside.account,
    ),
    Gate(
        "recusal", 1, "House rule, after CAT/OP/5 on members who are nationals of the State visited",
        "The person is not recused from this document",
        "La personne n'est pas récusée pour ce document",
        outside.recusal,
    ),
)

GATES: tuple[Gate[Asked], ...] = (
    Gate(
        "protected", 2, "OPCAT art. 15 and 21(1); CAT/OP/6/Rev.1; San José Guidelines",
        "An allegation of intimidation or reprisals never goes to a State",
        "Une allégation d'intimidation ou de représailles n'est jamais communiquée à un État",
        outside.never_to_state,
    ),
    Gate(
        "stopped", 2, "House rule: stopping takes one person and acts at once",
        "The transmission has not been stopped",
        "La transmission n'a pas été arrêtée",
        outside.stopped,
    ),
    Gate(
        "recalled", 2, "House rule: a recall closes at once, as a stop does",
        "The part has not been recalled from everyone",
        "La partie n'a pas été rappelée auprès de tous",
        outside.recalled,
    ),
    Gate(
        "held", 2, "House rule: the sender may hold a transmission back for a time",
        "The time for which the sender holds the document back is over",
        "Le délai pendant lequel l'expéditeur retient le document est écoulé",
        outside.held,
    ),
    Gate(
        "reprisals", 2, "CAT/OP/6/Rev.1, para. 11 to 13; San José Guidelines; house rule for the 72 hours",
        "An allegation of intimidation or reprisals goes where the person concerned decided",
        "Une allégation d'intimidation ou de représailles va là où la personne concernée l'a décidé",
        outside.allegation,
    ),
    Gate(
        "published", 3, "ECPT art. 11(2) and (3); OPCAT art. 16(2)",
        "The part is published and holds no personal data",
        "La partie est publiée et ne contient pas de données personnelles",
        outside.published,
    ),
    Gate(
        "non_confidential", 3, "A/HRC/23/18, para. 47 and 51(b)",
        "The information is non-confidential, or of a kind that is public by nature",
        "Les informations sont non confidentielles, ou d'une nature publique",
        outside.non_confidential,
    ),
    Gate(
        "treaty_case", 3, "OPCAT art. 16(4); ECPT art. 10(2)",
        "A case provided for by the treaty: a public statement, or an SPT report published by CAT",
        "Un cas prévu par le traité : une déclaration publique, ou un rapport du SPT publié par le CAT",
        outside.treaty_case,
    ),
    Gate(
        "public", 3, "ECPT art. 11(1); OPCAT art. 16(1)",
        "To the public, nothing else is open",
        "Au public, rien d'autre n'est ouvert",
        outside.anyone,
    ),
    Gate(
        "own", 4, "House rule: each body keeps and decides on its own documents",
        "A body reads its own document",
        "Un organe lit son propre document",
        outside.own,
    ),
    Gate(
        "statutory", 5, "OPCAT art. 16(1); ECPT art. 10(1)",
        "The treaty itself sends the document, or this part of it, to the body",
        "Le traité lui-même adresse le document, ou cette partie, à l'organe",
        outside.statutory,
    ),
    Gate(
        "state_sent", 5, "ECPT art. 11(1) and OPCAT art. 16(1): confidentiality protects the State, which sent it itself",
        "The only State concerned sent the part to the body itself",
        "Le seul État concerné a lui-même adressé la partie à l'organe",
        outside.state_sent,
    ),
    Gate(
        "closed_circle", 5, "House rule; ECPT art. 11(1); OPCAT art. 16(1)",
        "Evidence, audit offices and other States are outside the exchange of documents",
        "Les pièces justificatives, les bureaux d'audit et les autres États restent hors de l'échange de documents",
        outside.closed_circle,
    ),
    Gate(
        "recalled_agreement", 6, "ECPT art. 11(1); OPCAT art. 16; house rule: a recall closes at once",
        "The part has not been recalled from those who have it by agreement",
        "La partie n'a pas été rappelée auprès de ceux qui l'ont par accord",
        inside.recalled,
    ),
    Gate(
        "has_originator", 6, "ECPT art. 11(1); OPCAT art. 16; house rule",
        "A body that made the document is known",
        "Un organe auteur du document est connu",
        inside.has_originator,
    ),
    Gate(
        "exchanged_kind", 6, "CAT art. 20(5) and 22(5); house rule for working documents",
        "The kind of document is one that is exchanged",
        "Ce type de document fait l'objet d'échanges",
        inside.exchanged_kind,
    ),
    Gate(
        "originators", 6, "ECPT art. 11(1); OPCAT art. 11(1)(c), 16 and 31",
        "Every body that made the document decided that the body asking may have it",
        "Chaque organe auteur a décidé que l'organe demandeur peut l'obtenir",
        inside.originators,
    ),
    Gate(
        "originators_scope", 6, "ECPT art. 11(1); OPCAT art. 11(1)(c), 16 and 31",
        "Their decisions cover this action and this part, now",
        "Leurs décisions couvrent cette action et cette partie, à cet instant",
        inside.originators_scope,
    ),
    Gate(
        "clearance", 7, "ST/SGB/2007/6; CM/Res(2001)6; house rule",
        "The person is cleared for the document's class",
        "La personne est habilitée pour la classification du document",
        inside.clearance,
    ),
    Gate(
        "states", 8, "ECPT art. 11; OPCAT art. 16",
        "Every State concerned by the part consents",
        "Chaque État concerné par la partie a donné son accord",
        inside.states,
    ),
    Gate(
        "persons", 9, "ECPT art. 11(3); OPCAT art. 16(2) and 21(2); house rule for confidential transmission",
        "Every person whose data the part holds gave express consent",
        "Chaque personne dont la partie contient les données a donné son consentement exprès",
        inside.persons,
    ),
    Gate(
        "undertakings", 10, "The State's agreement to transmission itself",
        "The body accepted the undertakings on which the State's agreement rests",
        "L'organe a accepté les engagements sur lesquels repose l'accord de l'État",
        inside.undertakings,
    ),
    Gate(
        "consent", 11, "ECPT art. 11; OPCAT art. 16 and 31; for regimes R2 to R5 the originators' own rules",
        "Everything the procedure asks for is there",
        "Tout ce que la procédure exige est réuni",
        inside.consented,
    ),
)
