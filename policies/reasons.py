"""Every reason code with its exact sentence in English and French, and the four answers a requester gets.

P_ and W_ sentences are for the owner and the audit offices; N_ are all that a requester is told, so that no answer shows
what a State, a person or a sender wants unseen. Codes are never reused. Words follow the exchange's own usage table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

# For its type alone: whoever needs the codes and sentences need not load the procedure.
if TYPE_CHECKING:
    from policies.decision import Decision


@dataclass(frozen=True)
class Sentence:
    """One sentence in both languages."""

    en: str
    fr: str


PERMIT_REASONS: Mapping[str, Sentence] = {
    "P_PUBLIC": Sentence(
        "This part is published and open to anyone.",
        "Cette partie est publiée et accessible à tous.",
    ),
    "P_FREE_TIER": Sentence(
        "This is non-confidential information, which the participating bodies share without the agreement of a State.",
        "Il s'agit d'informations non confidentielles, que les organes participants partagent sans l'accord d'un État.",
    ),
    "P_OWN": Sentence(
        "This is the body's own document.",
        "Il s'agit d'un document de l'organe lui-même.",
    ),
    "P_STATUTORY": Sentence(
        "The treaty itself sends this document to the body, which may read it and do nothing more with it.",
        "Le traité lui-même adresse ce document à l'organe, qui peut le lire et n'en faire aucun autre usage.",
    ),
    "P_STATE_SENT": Sentence(
        "The only State concerned sent this document to the body itself.",
        "Le seul État concerné a lui-même adressé ce document à l'organe.",
    ),
    "P_CONSENT": Sentence(
        "Every State concerned has agreed to this transmission, and every body that made the document has approved it.",
        "Chaque État concerné a donné son accord à cette transmission et chaque organe auteur du document l'a approuvée.",
    ),
    "P_ORIGINATOR": Sentence(
        "Every body that made the document has approved this transmission; the agreement of a State is not required.",
        "Chaque organe auteur du document a approuvé cette transmission ; l'accord d'un État n'est pas requis.",
    ),
    "P_OVERRIDE": Sentence(
        "This is one of the cases provided for by the treaty in which publication does not depend on the State.",
        "C'est l'un des cas prévus par le traité dans lesquels la publication ne dépend pas de l'État.",
    ),
    "P_PERSON": Sentence(
        "The person concerned decided that this body may be told.",
        "La personne concernée a décidé que cet organe peut être informé.",
    ),
    "P_EMERGENCY": Sentence(
        "Two people established imminent danger to a person; this body may read for 72 hours.",
        "Deux personnes ont constaté un danger imminent pour une personne ; cet organe peut lire pendant 72 heures.",
    ),
}

WITHHOLD_REASONS: Mapping[str, Sentence] = {
    "W_NO_CONSENT": Sentence(
        "No agreement to transmission by the State concerned is on record for this.",
        "Aucun accord de l'État concerné n'est enregistré pour cette transmission.",
    ),
    "W_PENDING": Sentence(
        "The State has been asked and has not yet answered.",
        "L'État a été sollicité et n'a pas encore répondu.",
    ),
    "W_REFUSED": Sentence(
        "The State has not given its agreement to this transmission.",
        "L'État n'a pas donné son accord à cette transmission.",
    ),
    "W_LAPSED": Sentence(
        "The State did not answer in time; silence is not agreement.",
        "L'État n'a pas répondu dans le délai ; le silence ne vaut pas accord.",
    ),
    "W_WITHDRAWN": Sentence(
        "The State has withdrawn its agreement to transmission.",
        "L'État a retiré son accord à la transmission.",
    ),
    "W_EXPIRED": Sentence(
        "The period for which the transmission was agreed or approved is over.",
        "La période pour laquelle la transmission avait été acceptée ou approuvée est écoulée.",
    ),
    "W_SUSPENDED": Sentence(
        "The State's agreement to transmission is suspended.",
        "L'accord de l'État à la transmission est suspendu.",
    ),
    "W_INVALID_AUTHORITY": Sentence(
        "The authorisation on record is void, or did not come from an authority competent to give it for the State.",
        "L'autorisation enregistrée est nulle, ou n'émane pas d'une autorité compétente pour la donner au nom de l'État.",
    ),
    "W_UNVERIFIED": Sentence(
        "The authorisation has been recorded by one person and not yet confirmed by a second.",
        "L'autorisation a été enregistrée par une personne et n'a pas encore été confirmée par une seconde.",
    ),
    "W_EMBARGO": Sentence(
        "The time from which this may be made available has not yet come.",
        "Le moment à partir duquel cette mise à disposition est possible n'est pas encore venu.",
    ),
    "W_SCOPE_DOCUMENT": Sentence(
        "The agreement does not cover this document, or documents of this kind are not exchanged.",
        "L'accord ne couvre pas ce document, ou les documents de ce type ne font pas l'objet d'échanges.",
    ),
    "W_SCOPE_PART": Sentence(
        "The part asked for is not among those covered.",
        "La partie demandée ne figure pas parmi celles qui sont couvertes.",
    ),
    "W_SCOPE_RECIPIENT": Sentence(
        "The body or person asking is not among those to whom this may be made available.",
        "L'organe ou la personne qui demande ne figure pas parmi ceux à qui cette mise à disposition est possible.",
    ),
    "W_SCOPE_ACTION": Sentence(
        "This action is not among those covered.",
        "Cette action ne figure pas parmi celles qui sont couvertes.",
    ),
    "W_SCOPE_PURPOSE": Sentence(
        "The State's agreement does not cover this purpose.",
        "L'accord de l'État ne couvre pas cette finalité.",
    ),
    "W_SCOPE_LANGUAGE": Sentence(
        "The State's agreement does not cover this language, or covers the redacted version only.",
        "L'accord de l'État ne couvre pas cette langue, ou ne couvre que la version expurgée.",
    ),
    "W_OTHER_STATE": Sentence(
        "One State concerned has agreed to this transmission, another has not.",
        "Un État concerné a donné son accord à cette transmission, un autre ne l'a pas donné.",
    ),
    "W_ORIGINATOR": Sentence(
        "The body that made the document has not approved this transmission, or has stopped it.",
        "L'organe auteur du document n'a pas approuvé cette transmission, ou l'a arrêtée.",
    ),
    "W_CO_ORIGINATOR": Sentence(
        "One of the bodies that made the document has approved this transmission, another has not.",
        "L'un des organes auteurs du document a approuvé cette transmission, un autre ne l'a pas fait.",
    ),
    "W_PERSONAL_DATA": Sentence(
        "The part holds data on a person who has not given express consent to this; a redacted version may be asked for.",
        "La partie contient des données sur une personne qui n'a pas donné son consentement exprès ; "
        "une version expurgée peut être demandée.",
    ),
    "W_CONFLICT_DENY": Sentence(
        "One declaration of the State covers this transmission and another excludes it; the exclusion holds.",
        "Une déclaration de l'État couvre cette transmission et une autre l'exclut ; l'exclusion l'emporte.",
    ),
    "W_CLEARANCE": Sentence(
        "The person's clearance is below the document's class.",
        "L'habilitation de la personne est inférieure à la classification du document.",
    ),
    "W_UNDERTAKING": Sentence(
        "The body has not yet accepted the undertaking on which the State's agreement rests.",
        "L'organe n'a pas encore accepté l'engagement sur lequel repose l'accord de l'État.",
    ),
    "W_NEVER_TO_STATE": Sentence(
        "This is protected information, which is never made available to a State.",
        "Il s'agit d'informations protégées, qui ne sont jamais mises à la disposition d'un État.",
    ),
    "W_ACCOUNT": Sentence(
        "The body, the person or their access is not active.",
        "L'organe, la personne ou son accès n'est pas actif.",
    ),
    "W_RECUSED": Sentence(
        "The person is recused from this document.",
        "La personne est récusée pour ce document.",
    ),
}

OUTWARD: Mapping[str, Sentence] = {
    "N_ACCOUNT": Sentence(
        "Your access is not active. Please contact your focal point.",
        "Votre accès n'est pas actif. Veuillez vous adresser à votre coordonnateur.",
    ),
    "N_CLEARANCE": Sentence(
        "Your clearance does not cover this document. Please contact your focal point.",
        "Votre habilitation ne couvre pas ce document. Veuillez vous adresser à votre coordonnateur.",
    ),
    "N_UNDERTAKING": Sentence(
        "Your body has yet to accept an undertaking for this document. Please contact your focal point.",
        "Votre organe doit encore accepter un engagement pour ce document. Veuillez vous adresser à votre coordonnateur.",
    ),
    "N_UNAVAILABLE": Sentence(
        "Not available. You may ask the sender.",
        "Non disponible. Vous pouvez vous adresser à l'expéditeur.",
    ),
}

REASONS: Mapping[str, Sentence] = {**PERMIT_REASONS, **WITHHOLD_REASONS}


def outward(decision: Decision) -> str | None:
    """The N_ code that is all a requester may be told about what is withheld; None where the decision permits.

    Clearance and undertakings are named only where everything else permits, so that they show nothing else.
    """
    if decision.permitted:
        return None
    if decision.reason == "W_ACCOUNT":
        return "N_ACCOUNT"
    if decision.else_permits:
        return "N_CLEARANCE" if decision.reason == "W_CLEARANCE" else "N_UNDERTAKING"
    return "N_UNAVAILABLE"
