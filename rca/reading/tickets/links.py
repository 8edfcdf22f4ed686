"""`relation_of`: what a link between two tickets asserts, read from its phrase.

The decision hidden here: which words count as which relation. The phrase decides ("is caused by"), never the name of the
link's type ("Problem/Incident"): a site sets direction and wording itself. Only an explicit "causes" or "is caused by"
is causal, and then as an assertion of whoever linked, never as a finding. What isn't known word for word ("may cause",
"is not caused by") is OTHER.

References: Atlassian, "Configuring issue linking" (types have a name, an outward and an inward description);
Redmine, "Issue relations"; GitHub and GitLab, linked issues; Bugzilla, fields `depends_on`, `blocks`, `dupe_of`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

__all__ = ["Relation", "relation_of"]


class Relation(StrEnum):
    """What a ticket is to the one it links to: it CAUSES it, it is BLOCKED_BY it, and so on."""

    CAUSES = "causes"
    CAUSED_BY = "caused_by"
    BLOCKS = "blocks"
    BLOCKED_BY = "blocked_by"
    DEPENDS_ON = "depends_on"
    NEEDED_BY = "needed_by"
    DUPLICATES = "duplicates"
    DUPLICATED_BY = "duplicated_by"
    CLONES = "clones"
    CLONED_BY = "cloned_by"
    RELATES = "relates"
    SPLIT_TO = "split_to"
    SPLIT_FROM = "split_from"
    PARENT_OF = "parent_of"
    CHILD_OF = "child_of"
    FIXES = "fixes"
    FIXED_BY = "fixed_by"
    MENTIONS = "mentions"
    MENTIONED_IN = "mentioned_in"
    PRECEDES = "precedes"
    FOLLOWS = "follows"
    IMPLEMENTS = "implements"
    IMPLEMENTED_BY = "implemented_by"
    TESTS = "tests"
    TESTED_BY = "tested_by"
    REVIEWS = "reviews"
    REVIEWED_BY = "reviewed_by"
    MOVED_TO = "moved_to"
    MOVED_FROM = "moved_from"
    MERGED_INTO = "merged_into"
    MERGED_FROM = "merged_from"
    REPLACES = "replaces"
    REPLACED_BY = "replaced_by"
    REGRESSES = "regresses"
    REGRESSED_BY = "regressed_by"
    OTHER = "other"
    UNSTATED = "unstated"

    @property
    def is_causal(self) -> bool:
        """Whether whoever linked asserts a cause: only for an explicit "causes" or "is caused by"."""
        return self in (Relation.CAUSES, Relation.CAUSED_BY)

    @property
    def inverse(self) -> Relation:
        """The same link seen from the other ticket.

        >>> Relation.CAUSES.inverse, Relation.RELATES.inverse
        (<Relation.CAUSED_BY: 'caused_by'>, <Relation.RELATES: 'relates'>)
        """
        return _INVERSE.get(self, self)


_PAIRS = (
    (Relation.CAUSES, Relation.CAUSED_BY),
    (Relation.BLOCKS, Relation.BLOCKED_BY),
    (Relation.DEPENDS_ON, Relation.NEEDED_BY),
    (Relation.DUPLICATES, Relation.DUPLICATED_BY),
    (Relation.CLONES, Relation.CLONED_BY),
    (Relation.SPLIT_TO, Relation.SPLIT_FROM),
    (Relation.PARENT_OF, Relation.CHILD_OF),
    (Relation.FIXES, Relation.FIXED_BY),
    (Relation.MENTIONS, Relation.MENTIONED_IN),
    (Relation.PRECEDES, Relation.FOLLOWS),
    (Relation.IMPLEMENTS, Relation.IMPLEMENTED_BY),
    (Relation.TESTS, Relation.TESTED_BY),
    (Relation.REVIEWS, Relation.REVIEWED_BY),
    (Relation.MOVED_TO, Relation.MOVED_FROM),
    (Relation.MERGED_INTO, Relation.MERGED_FROM),
    (Relation.REPLACES, Relation.REPLACED_BY),
    (Relation.REGRESSES, Relation.REGRESSED_BY),
)
_INVERSE = {a: b for pair in _PAIRS for a, b in (pair, pair[::-1])}

# As normalised: small letters, single blanks, "_" and "-" as blanks, without a leading "is", "was", "has been", "this issue".
# A language a line: English, Swedish, Norwegian and Danish, German, Spanish, French, Portuguese, Italian, Dutch, Finnish,
# Polish, Russian.
_PHRASES: dict[Relation, str] = {
    Relation.CAUSES: """
        causes | cause of | the cause of | causing | root cause of | the root cause of
        orsakar | orsakade | har orsakat | orsaken till | orsak till | grundorsak till | förorsakar
        forårsaker | forårsager | forårsaket | er årsak til | årsak til | er årsag til | årsag til
        verursacht | ist ursache für | ist ursache von | ist die ursache für | ist die ursache von
        causa | causa a | es causa de | es la causa de | provoca | ocasiona
        cause | provoque | est la cause de | est à l'origine de
        é causa de | é a causa de | è causa di | è la causa di
        veroorzaakt | is oorzaak van | oorzaak van | de oorzaak van
        aiheuttaa | on syynä | powoduje | jest przyczyną
        вызывает | вызвал | вызвала | вызвало | является причиной | стал причиной | причина для""",
    Relation.CAUSED_BY: """
        caused by | has root cause | root cause is
        orsakas av | orsakad av | orsakat av | orsakades av | är orsakad av | är orsakat av
        forårsakes av | forårsaket av | er forårsaket av | forårsages af | forårsaget af | er forårsaget af
        verursacht durch | verursacht von | wird verursacht durch | wird verursacht von | wurde verursacht durch
          | wurde verursacht von | ist verursacht durch | ist verursacht von
        es causado por | es causada por | está causado por | está causada por | causado por | causada por
          | fue causado por | fue causada por | ha sido causado por | ha sido causada por | es provocado por
        est causé par | est causée par | causé par | causée par | a été causé par | a été causée par
          | est provoqué par | est provoquée par
        é causado por | é causada por | foi causado por | foi causada por
        causato da | causata da | è causato da | è causata da | è stato causato da
        veroorzaakt door | wordt veroorzaakt door | aiheutuu | aiheuttaja on
        spowodowane przez | jest spowodowane przez | jest spowodowany przez
        вызвано | вызван | вызвана | вызывается | вызвано задачей | является следствием | обусловлено""",
    Relation.BLOCKS: """
        blocks | blocking | blocker for | blocks completion of
        blockerar | hindrar | blokkerer | blokerer | blockiert | blokkeert | estää | blokuje
        bloquea | bloquea a | bloque | bloqueia | blocca
        блокирует""",
    Relation.BLOCKED_BY: """
        blocked by | blocked on
        blockeras av | blockerad av | är blockerad av | hindras av | blokkeres av | blokkert av | er blokkert av
          | blokeres af | blokeret af | er blokeret af
        wird blockiert von | wird blockiert durch | ist blockiert von | ist blockiert durch | blockiert von
          | blockiert durch | wird durch blockiert
        está bloqueado por | está bloqueada por | es bloqueado por | es bloqueada por | bloqueado por | bloqueada por
        est bloqué par | est bloquée par | bloqué par | bloquée par
        é bloqueado por | é bloqueada por | bloccato da | bloccata da | è bloccato da | è bloccata da
        geblokkeerd door | wordt geblokkeerd door | estäjä on | on estetty
        jest blokowane przez | jest zablokowane przez | blokowane przez | jest blokowany przez
        блокируется | заблокирован | заблокирована | заблокировано | заблокировано задачей""",
    Relation.DEPENDS_ON: """
        depends on | depends | depends upon | dependent on | dependson | requires | needs | has dependency on
        beror på | är beroende av | beroende av | kräver | avhenger av | er avhengig av | krever | afhænger af
          | er afhængig af | kræver
        hängt ab von | hängt von ab | ist abhängig von | abhängig von | benötigt
        depende de | requiere | dépend de | nécessite | dipende da | richiede | hangt af van | afhankelijk van
        riippuu | zależy od | jest zależne od | requer
        зависит от | требует""",
    Relation.NEEDED_BY: """
        depended on by | a dependency of | a dependency for | dependency of | required by | required for | needed by
          | needed for | prerequisite for
        krävs av | krävs för | är ett krav för | kreves av | kræves af | wird benötigt von | wird benötigt für
        es requerido por | es requerida por | est requis par | est nécessaire pour | è richiesto da | vereist door
        требуется для | необходимо для""",
    Relation.DUPLICATES: """
        duplicates | duplicate of | a duplicate of | marked as duplicate | marked as duplicate of
          | marked as a duplicate of | dupe of | dup of
        duplicerar | dubblerar | är en dubblett av | dubblett av | är en dubblett till | dubblett till
        dupliserer | duplikat av | er duplikat av | er et duplikat av | dublerer | dublet af | er en dublet af
          | duplikerer | duplikat af
        dupliziert | ist ein duplikat von | ist duplikat von | duplikat von
        duplica | duplica a | es duplicado de | es un duplicado de | duplique | est un doublon de | doublon de
        é duplicado de | é uma duplicata de | è un duplicato di | dupliceert | duplicaat van
        on kaksoiskappale | duplikuje | jest duplikatem
        дублирует | является дубликатом | дубликат""",
    Relation.DUPLICATED_BY: """
        duplicated by | has duplicate | has duplicates | duplicated | marked as original of
        dupliceras av | dubbleras av | har dubblett | duplisert av | er duplisert av | dupliseres av | dubleret af
          | er dubleret af | duplikeres af
        wird dupliziert von | wird dupliziert durch | dupliziert von | dupliziert durch | ist dupliziert von
          | ist dupliziert durch
        está duplicado por | está duplicada por | es duplicado por | es duplicada por | duplicado por | duplicada por
        est dupliqué par | est dupliquée par | dupliqué par | é duplicado por | é duplicada por
        è duplicato da | è duplicata da | gedupliceerd door | wordt gedupliceerd door
        jest duplikowane przez | jest zduplikowane przez
        дублируется | имеет дубликат""",
    Relation.CLONES: """
        clones | clone of | a clone of | cloned from | copied from | copy of | a copy of
        klonar | är en klon av | klon av | klonad från | kopierad från | kloner | er en klon av | klonet fra
          | kopiert fra | kopieret fra
        klont | ist ein klon von | kopiert von
        clona | clona a | es clon de | es un clon de | est un clone de | clone
        è un clone di | é um clone de | klooni | kloonaa | on klooni | klonuje | kloonde
        клонирует | является клоном | копия | скопировано из""",
    Relation.CLONED_BY: """
        cloned by | cloned to | copied to | has clone | has clones
        klonas av | klonad av | klonad till | kopierad till | klones av | klonet av | er klonet av | klonet til
          | klones af | klonet af | er klonet af | kopiert til | kopieret til
        wird geklont von | wird geklont durch | geklont von | ist geklont von | ist geklont durch | kopiert nach
        está clonado por | está clonada por | es clonado por | es clonada por | clonado por | clonada por
        est cloné par | est clonée par | cloné par | é clonado por | é clonada por | clonato da | è clonato da
          | è clonata da | gekloond door | wordt gekloond door | jest klonowane przez | jest sklonowane przez
        клонируется | клонирован | клонирована | клонировано | скопировано в""",
    Relation.RELATES: """
        relates | relates to | related | is related | related to | relate to | linked to | linked with | linked | connected
          | connected to | see also | associated with | references related
        relaterar till | relaterad till | relaterar | är relaterad till | är relaterat till | hör ihop med | relaterat till
          | kopplad till | länkad till | se även
        relaterer til | relatert til | er relatert til | relateret til | er relateret til | henger sammen med
          | hænger sammen med | se også | knyttet til
        bezieht sich auf | steht in beziehung zu | steht in verbindung mit | verwandt mit | ist verknüpft mit | siehe auch
          | hängt zusammen mit
        está relacionado con | está relacionada con | se relaciona con | relacionado con | relacionada con | ver también
        est lié à | est liée à | lié à | est associé à | est en relation avec | est relatif à | concerne | voir aussi
        está relacionado a | está relacionada a | está relacionado com | relacionado a | relaciona se a
        si riferisce a | è correlato a | correlato a | è in relazione con | houdt verband met | gerelateerd aan
          | is gerelateerd aan
        liittyy | dotyczy | jest powiązane z | powiązane z | odnosi się do
        связан с | связана с | связано с | связанная задача | относится к | имеет отношение к""",
    Relation.SPLIT_TO: """
        split to | split into | splits to | splits into
        delad till | delas upp i | delt i | opdelt i | aufgeteilt in | dividido en | dividida en | se divide en
        divisé en | diviso in | dividido em | gesplitst in | разделено на | разделена на""",
    Relation.SPLIT_FROM: """
        split from | splits from | spun off from
        delad från | uppdelad från | delt fra | opdelt fra | aufgeteilt von | abgespalten von | dividido de
          | dividida de | separado de | divisé de | séparé de | diviso da | gesplitst van
        выделено из | выделена из | отделено от""",
    Relation.PARENT_OF: """
        parent of | parent for | the parent of | has child | has children | has subtask | has sub task | has subtasks
          | has subtask(s) | contains | epic of | has task
        är förälder till | förälder till | överordnad till | överordnad | innehåller | er overordnet | overordnet for
          | har underoppgave
        ist übergeordnet | übergeordnet von | enthält | es padre de | padre de | es principal de | contiene
        est parent de | parent de | contient | è padre di | é pai de | bevat | sisältää | jest nadrzędne dla | zawiera
        является родителем | родитель для | родительская для | содержит""",
    Relation.CHILD_OF: """
        child of | a child of | has parent | subtask of | sub task of | a subtask of | part of | contained in | contained by
          | belongs to | in epic | has epic
        är barn till | barn till | underordnad | deluppgift till | är en del av | del av | underoppgave av
          | underopgave af | er en del av | er en del af
        ist untergeordnet | unteraufgabe von | ist teil von | teil von
        es hijo de | hijo de | subtarea de | es parte de | parte de
        est enfant de | enfant de | sous tâche de | fait partie de | è figlio di | è parte di | é filho de | é parte de
        onderdeel van | subtaak van | jest podrzędne dla | jest częścią
        является дочерним | дочерняя для | подзадача | часть задачи | является частью""",
    Relation.FIXES: """
        fixes | fixed | fix for | a fix for | closes | closed | resolves | resolved | solves | addresses | remedies
        åtgärdar | löser | stänger | fikser | løser | lukker | retter | behebt | löst | schließt
        corrige | resuelve | cierra | soluciona | résout | ferme | risolve | chiude | resolve | fecha | lost op | sluit
        исправляет | решает | закрывает""",
    Relation.FIXED_BY: """
        fixed by | fixed in | closed by | resolved by | solved by | addressed by | remedied by
        åtgärdas av | åtgärdas i | löses av | stängs av | fikses av | løses av | løses af | lukkes av | lukkes af
        wird behoben durch | behoben durch | wird gelöst durch | gelöst durch | geschlossen durch
        es corregido por | es resuelto por | resuelto por | corregido por | cerrado por
        est corrigé par | corrigé par | est résolu par | résolu par | fermé par | risolto da | resolvido por
        исправлено в | исправляется | решается | закрыто""",
    Relation.MENTIONS: """
        mentions | references | refers to | mentioned
        nämner | hänvisar till | refererar till | omtaler | henviser til | refererer til | erwähnt | verweist auf
        menciona | menciona a | hace referencia a | mentionne | fait référence à | menziona | vermeldt | mainitsee
        упоминает | ссылается на""",
    Relation.MENTIONED_IN: """
        mentioned in | mentioned on | mentioned by | referenced in | referenced by | referred to by | referred to in
          | cross referenced | cross referenced by | cross referenced from
        nämns i | omnämns i | refereras av | nevnt i | er nevnt i | nævnt i | er nævnt i
        erwähnt in | wird erwähnt in | erwähnt von | wird erwähnt von
        mencionado en | mencionada en | se menciona en | es mencionado en | mentionné dans | est mentionné dans
          | menzionato in | mencionado em | vermeld in | wordt vermeld in | wspomniane w
        упоминается в | упомянуто в""",
    Relation.PRECEDES: """
        precedes | before | comes before | has to be done before | has successor | predecessor of | finishes before
        föregår | kommer före | kommer før | går forud for | forut for | geht voran | vorgänger von
        precede a | precede | précède | antecede | gaat vooraf aan | poprzedza
        предшествует""",
    Relation.FOLLOWS: """
        follows | follows up | follows from | after | comes after | has to be done after | has predecessor | preceded by
          | successor of | a follow up of | a follow up to | follow up of | follow up to | followup of
          | a followup of
        följer | följer på | följer efter | är en uppföljning av | kommer efter | følger | følger etter | følger efter
        folgt | folgt auf | nachfolger von | sigue a | sigue | suit | segue | volgt op | następuje po
        следует за""",
    Relation.IMPLEMENTS: """
        implements | realizes | realises | delivers | satisfies | fulfils | fulfills
        implementerar | genomför | implementerer | implementiert | setzt um | implementa | implémente | implementeert
          | toteuttaa | realizuje | реализует""",
    Relation.IMPLEMENTED_BY: """
        implemented by | implemented in | realized by | realised by | delivered by | satisfied by | fulfilled by
        implementeras av | genomförs av | implementeres av | implementeres af | wird implementiert von
          | wird implementiert durch | wird umgesetzt durch | es implementado por | implementado por | est implémenté par
          | implementato da | geïmplementeerd door | реализуется | реализовано в""",
    Relation.TESTS: """
        tests | testing | verifies | validates | a test for | test for
        testar | verifierar | tester | verifiserer | verificerer | testet | prüft | prueba | prueba a | verifica
        teste | vérifie | testa | testaa | testuje | тестирует | проверяет""",
    Relation.TESTED_BY: """
        tested by | verified by | validated by | has test | has tests
        testas av | verifieras av | testes av | testes af | wird getestet von | wird getestet durch | wird geprüft durch
        es probado por | es probada por | est testé par | testato da | getest door | jest testowane przez
        тестируется | проверяется""",
    Relation.REVIEWS: "reviews | granskar | überprüft | revisa | examine | рецензирует",
    Relation.REVIEWED_BY: """
        reviewed by | granskas av | wird überprüft von | wird überprüft durch | es revisado por | está revisado por
        est examiné par""",
    Relation.MOVED_TO: "moved to | transferred to | flyttad till | flyttet til | verschoben nach",
    Relation.MOVED_FROM: "moved from | transferred from | flyttad från | flyttet fra | verschoben von",
    Relation.MERGED_INTO: "merged into | merged to | merged in | merges into | sammanslagen med | slått sammen med",
    Relation.MERGED_FROM: "merged from | has merged",
    Relation.REPLACES: "replaces | supersedes | obsoletes | ersätter | erstatter | ersetzt | reemplaza a | remplace | заменяет",
    Relation.REPLACED_BY: """
        replaced by | superseded by | obsoleted by | ersätts av | erstattes av | erstattes af | wird ersetzt durch
        es reemplazado por | est remplacé par | заменяется""",
    Relation.REGRESSES: "regresses | regressions | introduces regression",
    Relation.REGRESSED_BY: "regressed by | a regression of | regression of | a regression from",
}

_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LEADING = re.compile(
    r"^(?:(?:this|the) (?:issue|bug|ticket|incident|problem|change|work item|task|request|story) )?"
    r"(?:has been |had been |is being |will be |(?:is|was|are|were|be|been|gets|got) )?"
)
_MAX_PHRASE = 80


def _table() -> dict[str, Relation]:
    found: dict[str, Relation] = {}
    for relation, phrases in _PHRASES.items():
        for phrase in re.split(r"\||\n", phrases):
            if phrase.strip():
                found[" ".join(phrase.split())] = relation
    return found


_KNOWN = _table()


@lru_cache(maxsize=4096)
def relation_of(phrase: str) -> Relation:
    """The relation that a link's `phrase` states, read from the ticket that carries it to the one it links to.

    UNSTATED for no phrase at all, OTHER for one that isn't known: then nothing is claimed, least of all a cause.

    >>> relation_of("is caused by"), relation_of("orsakas av"), relation_of("relates to").is_causal
    (<Relation.CAUSED_BY: 'caused_by'>, <Relation.CAUSED_BY: 'caused_by'>, False)
    >>> relation_of("may cause"), relation_of("")
    (<Relation.OTHER: 'other'>, <Relation.UNSTATED: 'unstated'>)
    """
    plain = phrase.strip()
    if not plain:
        return Relation.UNSTATED
    if len(plain) > _MAX_PHRASE:
        return Relation.OTHER
    plain = _HUMP.sub(" ", plain).casefold().replace("’", "'")
    plain = " ".join(re.sub(r"[_\-‐‑]", " ", plain).split()).strip(" :.;,…")
    bare = _LEADING.sub("", plain)
    if " " not in bare and not bare.endswith("ing"):
        bare = plain  # "is blocked" does not say by what: it is not "blocked"
    return _KNOWN.get(plain) or _KNOWN.get(bare) or Relation.OTHER
