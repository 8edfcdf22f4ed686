"""`find_columns`: what the columns of a Jira CSV are, whatever language its headers are in.

The decision hidden here: names first, content second. The names of Jira's own columns are known in the languages of its
interface, as far as known; a cell's build tells comments, attachments, work logs and links in any language, the shape
`ABC-123` the key. The first column of dates that every row fills and none precedes is taken for "created" only where no
name tells it, and that is said.

References:
    Atlassian, "Working with search results" (export to CSV, all fields and current fields); "Importing data from CSV".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from rca.reading.tickets.jira_stamps import is_jira_stamp

__all__ = ["KEY", "Columns", "find_columns", "split_attachment", "split_comment", "split_worklog"]

KEY = re.compile(r"[A-Z][A-Z0-9_]{1,30}-\d{1,9}")
"""The key of an issue."""

# One role a paragraph, all names in small letters; languages without order.
_NAMES = {
    "key": """issue key | work item key | clave de incidencia | clave de la incidencia | clave de elemento de trabajo
        | clave del elemento de trabajo | clave de actividad | ärendenyckel | nyckel för ärende | arbetsobjektsnyckel
        | saksnøkkel | oppgavenøkkel | sagsnøgle | nøgle til sag | opgavenøgle | pyynnön avain | tapahtuman avain
        | työkohteen avain | vorgangsschlüssel | vorgangsschlüssel: | clé de ticket | clé du ticket | clé de demande
        | clé d'élément de travail | clé de l'élément de travail | chave da item | chave do item | chave da pendência
        | chave do problema | chave do ticket | chave de incidência | chave do item de trabalho | chiave segnalazione
        | chiave della segnalazione | chiave ticket | chiave del ticket | chiave elemento di lavoro | codice ticket
        | itemsleutel | issuesleutel | issue sleutel | sleutel van issue | werkitemsleutel | ключ проблемы | ключ запроса
        | ключ задачи | ключ рабочего элемента | код запроса | код задачи | klucz zgłoszenia | klucz elementu pracy
        | klíč požadavku | kľúč požiadavky | 課題キー | 作業項目キー | 问题关键字 | 问题键 | 工作项关键字 | 事务键 | 關鍵字
        | 이슈 키 | 업무 항목 키 | talep anahtarı | sorun anahtarı | kayıt anahtarı | iş öğesi anahtarı | ügykulcs
        | problémakulcs | cheie problemă | ключ завдання""",
    "bare_key": "key | clave | nyckel | nøkkel | nøgle | avain | schlüssel | clé | chave | chiave | sleutel | ключ | klucz | klíč | キー | 关键字 | 키 | anahtar | код",
    "id": """issue id | work item id | id de la incidencia | id de incidencia | ärende-id | id för ärende | saks-id | sags-id
        | vorgangs-id | id de ticket | id du ticket | id da item | id do item | id problema | id segnalazione | issue-id
        | item-id | id проблемы | id запроса | id задачи | идентификатор запроса | идентификатор проблемы
        | id. zgłoszenia | id zgłoszenia | identyfikator zgłoszenia | pyynnön tunnus""",
    "type": """issue type | work type | work item type | tipo de incidencia | tipo de actividad | tipo de elemento de trabajo
        | ärendetyp | arbetstyp | sakstype | oppgavetype | sagstype | opgavetype | pyyntötyyppi | tapahtumatyyppi
        | vorgangstyp | vorgangsart | type de ticket | type de demande | type d'élément de travail | tipo de item
        | tipo do item | tipo de pendência | tipo de problema | tipo de incidência | tipo segnalazione | tipo di segnalazione
        | tipo ticket | tipo di ticket | itemtype | issuetype | type issue | werktype | тип запроса | тип задачи
        | тип проблемы | typ zgłoszenia | typ pracy | typ požadavku | 課題タイプ | 作業タイプ | 问题类型 | 工作类型 | 이슈 유형
        | sorun tipi | talep türü | kayıt türü""",
    "summary": """summary | resumen | sammanfattning | sammendrag | resumé | opsummering | oppsummering | yhteenveto
        | zusammenfassung | résumé | resumo | riepilogo | sommario | samenvatting | тема | резюме | podsumowanie | souhrn
        | súhrn | 要約 | 概要 | 主题 | 摘要 | 요약 | özet | összefoglaló | rezumat""",
    "status": """status | estado | tila | état | statut | stato | статус | stan | stav | ステータス | 状态 | 狀態 | 상태 | durum
        | állapot | stare""",
    "project_key": """project key | clave del proyecto | clave de proyecto | projektnyckel | prosjektnøkkel | projektnøgle
        | projektin avain | projektschlüssel | clé de projet | clé du projet | chave do projeto | chiave progetto
        | chiave del progetto | projectsleutel | ключ проекта | klucz projektu""",
    "project": """project name | project | nombre del proyecto | proyecto | projektnamn | projekt | prosjektnavn | prosjekt
        | projektnavn | projektin nimi | projektname | nom du projet | nom de projet | projet | nome do projeto | projeto
        | nome progetto | progetto | projectnaam | название проекта | имя проекта | проект | nazwa projektu""",
    "priority": """priority | prioridad | prioritet | prioriteetti | priorität | priorité | prioridade | priorità | prioriteit
        | приоритет | priorytet | priorita | 優先度 | 优先级 | 우선순위 | öncelik""",
    "resolution": """resolution | resolución | lösning | løsning | ratkaisu | lösung | erledigungsart | résolution | resolução
        | soluzione | risoluzione | oplossing | решение | резолюция | rozwiązanie | řešení | 解決状況 | 解决结果 | 해결책""",
    "assignee": """assignee | persona asignada | responsable | asignado a | tilldelad | ansvarig | tilldelad person
        | tilordnet | ansvarlig | tildelt | vastuuhenkilö | määritetty henkilö | zugewiesene person | bearbeiter
        | zugewiesen | responsable assigné | responsable | personne assignée | attribution | responsável | atribuído a
        | assegnatario | toegewezen aan | uitvoerder | toegewezene | исполнитель | osoba przypisana | przypisana osoba
        | osoba odpowiedzialna | řešitel | 担当者 | 经办人 | 담당자 | atanan""",
    "assignee_id": """assignee id | id de la persona asignada | id der zugewiesenen person | id do responsável
        | id du responsable | tilldelad persons id""",
    "reporter": """reporter | informador | informante | rapportör | inrapporterad av | rapporterad av | rapportør | reporter
        | innmelder | raportoija | ilmoittaja | autor | berichterstatter | rapporteur | relator | repórter | reportero
        | segnalatore | autore | melder | автор | докладчик | zgłaszający | osoba zgłaszająca | zadavatel | 報告者 | 报告人
        | 보고자 | raporlayan""",
    "reporter_id": "reporter id | id del informador | id des autors | id do relator | id du rapporteur",
    "creator": """creator | creador | skapare | skapad av | oppretter | opprettet av | opretter | oprettet af | luoja
        | ersteller | créateur | criador | autore della creazione | creatore | maker | aanmaker | gemaakt door
        | создатель | кем создано | twórca | autor utworzenia | 作成者 | 创建者 | 작성자 | oluşturan""",
    "creator_id": "creator id | id del creador | ersteller-id | id do criador | id du créateur",
    "created": """created | created date | date created | creada | creado | fecha de creación | fecha creación | skapad | skapat
        | skapades | datum skapat | skapandedatum | opprettet | oprettet | oprettelsesdato | luotu | luontipäivä | erstellt
        | erstellungsdatum | angelegt | création | créé | créée | créé(e) | créé le | date de création | criado | criada
        | criado(a) | data de criação | creato | creata | creazione | data creazione | data di creazione | gemaakt
        | aangemaakt | aanmaakdatum | gemaakt op | создано | создан | создана | создание | дата создания | utworzono
        | utworzone | utworzony | data utworzenia | vytvořeno | vytvorené | 作成日 | 作成 | 作成日時 | 创建日期 | 已创建 | 创建时间
        | 建立日期 | 만듦 | 생성일 | 생성됨 | 작성일 | oluşturuldu | oluşturma tarihi | oluşturulma | létrehozva | creat | створено
        | loodud""",
    "updated": """updated | updated date | actualizada | actualizado | uppdaterad | uppdaterat | oppdatert | opdateret | päivitetty
        | aktualisiert | mise à jour | mis à jour | mis(e) à jour | atualizado | atualizada | atualizado(a) | aggiornato
        | aggiornata | aggiornamento | bijgewerkt | обновлено | обновлён | обновлен | дата обновления | zaktualizowano
        | zaktualizowane | aktualizováno | 更新日 | 更新 | 更新日時 | 更新日期 | 已更新 | 업데이트됨 | 업데이트 | güncellendi
        | güncelleme | güncellenme | frissítve | оновлено""",
    "viewed": """last viewed | vista por última vez | último visionado | senast visad | senast visat | sist vist | sidst vist
        | viimeksi katsottu | zuletzt angezeigt | dernière consultation | dernier affichage | última visualização
        | ultima visualizzazione | laatst bekeken | последний просмотр | дата последнего просмотра | ostatnio wyświetlane
        | ostatnio przeglądane""",
    "resolved": """resolved | resolved date | resolution date | resuelta | resuelto | fecha de resolución | löst | åtgärdat
        | löst datum | lösningsdatum | løst | ratkaistu | erledigt | gelöst | behoben | résolu | résolue | résolu(e)
        | date de résolution | resolvido | resolvida | resolvido(a) | data da resolução | data de resolução | risolto
        | risolta | data risoluzione | data di risoluzione | opgelost | решено | решён | решен | решенные | дата решения
        | дата резолюции | разрешено | rozwiązano | rozwiązane | data rozwiązania | vyřešeno | 解決日 | 解決済み | 解決日時
        | 已解决 | 解决日期 | 解决时间 | 해결됨 | 해결일 | çözüldü | çözüm tarihi | çözümlendi | megoldva | вирішено""",
    "due": """due date | due | fecha de vencimiento | förfallodatum | förfaller | forfallsdato | forfaldsdato | määräpäivä
        | eräpäivä | fälligkeitsdatum | fällig | échéance | date d'échéance | data limite | data de entrega
        | data de vencimento | data di scadenza | scadenza | einddatum | deadline | vervaldatum | срок исполнения | срок
        | дата исполнения | termin | termin wykonania | termín | 期限 | 到期日 | 기한 | bitiş tarihi""",
    "description": """description | descripción | beskrivning | beskrivelse | kuvaus | beschreibung | descriptif | descrição
        | descrizione | omschrijving | beschrijving | описание | opis | popis | 説明 | 描述 | 설명 | açıklama | leírás""",
    "comment": """comment | comments | comentario | comentarios | kommentar | kommentarer | kommentti | kommentit | kommentare
        | commentaire | commentaires | comentário | comentários | commento | commenti | opmerking | opmerkingen | reactie
        | комментарий | комментарии | komentarz | komentarze | komentář | コメント | 评论 | 备注 | 댓글 | yorum | yorumlar""",
    "attachment": """attachment | attachments | archivo adjunto | adjunto | adjuntos | bilaga | bilagor | bifogad fil | vedlegg
        | vedhæftet fil | vedhæftning | vedhæftede filer | liite | liitteet | anhang | anhänge | pièce jointe
        | pièces jointes | anexo | anexos | allegato | allegati | bijlage | bijlagen | вложение | вложения | załącznik
        | załączniki | příloha | 添付ファイル | 附件 | 첨부 파일 | ek""",
    "worklog": """log work | work log | worklog | registro de trabajo | registrar trabajo | logga arbete | arbetslogg
        | logg arbeid | log arbejde | kirjaa työ | arbeit protokollieren | arbeitsprotokoll | journal de travail
        | consigner le travail | registrar trabalho | registro trabalho | registra lavoro | werk loggen | werk registreren
        | журнал работ | журнал работы | dziennik pracy | rejestruj pracę""",
    "labels": "labels | etiquetas | etiketter | etikett | tunnisteet | stichwörter | étiquettes | etiquette | rótulos | categorias | etichette | labels | метки | etykiety",
    "components": """component/s | components | component | componentes | componente/s | komponenter | komponentit
        | komponente/n | komponenten | composants | componentes | componenti | componenten | компоненты | компонент/ы
        | komponenty""",
    "environment": "environment | entorno | miljö | miljø | ympäristö | umgebung | environnement | ambiente | omgeving | окружение | środowisko",
    "sprint": "sprint | спринт | sprintti",
    "parent": """parent | parent id | principal | identificador principal | überordnad | överordnad | förälder | overordnet
        | übergeordnet | élément parent | id parent | pai | elemento pai | principale | elemento padre | bovenliggend
        | родитель | родительский элемент | id родителя | element nadrzędny | ylätaso | pääkohde""",
    "parent_key": """parent key | clave principal | överordnad nyckel | clé parent | clé parente | chave pai | chave principal
        | übergeordneter schlüssel | ключ родителя | ключ родительского элемента""",
    "subtasks": """sub-tasks | sub-task | subtasks | subtareas | deluppgifter | deloppgaver | underopgaver | alitehtävät
        | unteraufgaben | sous-tâches | subtarefas | sottotask | sottoattività | subtaken | подзадачи | podzadania""",
    "linked": """linked issues | linked work items | incidencias enlazadas | länkade ärenden | lenkede saker | verknüpfte vorgänge
        | tickets liés | demandes liées | itens vinculados | segnalazioni collegate | gekoppelde issues
        | связанные запросы | связанные задачи | powiązane zgłoszenia""",
    "category": """status category | categoría de estado | statuskategori | tilaluokka | statuskategorie | catégorie d'état
        | catégorie de statut | categoria do status | categoria de status | categoria dello stato | statuscategorie
        | категория статуса | kategoria statusu""",
    "category_changed": """status category changed | categoría de estado cambiada | statuskategori ändrad
        | statuskategori endret | statuskategorie geändert | catégorie d'état modifiée | categoria do status alterada
        | categoria de status alterada | statuscategorie gewijzigd | категория статуса изменена
        | zmieniono kategorię statusu""",
    "security": "security level | nivel de seguridad | säkerhetsnivå | sikkerhetsnivå | sicherheitsstufe | niveau de sécurité | nível de segurança | уровень безопасности",
    "watchers": "watchers | interesados | bevakare | observatører | beobachter | observateurs | observadores | osservatori | volgers | наблюдатели | obserwatorzy",
}  # fmt: skip
_CUSTOM = re.compile(
    r"(?:custom field|campo personalizado|anpassat fält|egendefinert felt|tilpasset felt|brugerdefineret felt|mukautettu kenttä"
    r"|benutzerdefinierte felder|benutzerdefiniertes feld|champs? personnalisés?|campo personalizzato|aangepast veld"
    r"|пользовательское поле|pole własne|pole niestandardowe|vlastní pole|カスタム フィールド|カスタムフィールド|自定义字段"
    r"|사용자 정의 필드|özel alan)\s*\((.*)\)",
    re.DOTALL,
)
_LINK = re.compile(r"(?P<name>.+?)\s*[(（](?P<type>.+)[)）]", re.DOTALL)
_OUTWARD = re.compile(
    r"outward|utgående|utåt|udgående|udad|utover|lähtev|ulospäin|ausgehend|auswärts|saliente|sortant|de saída|saída|in uscita|uscente"
    r"|uitgaand|исходящ|внешн|wychodząc|zewnętrzn|odchozí|外部|外向"
)
_INWARD = re.compile(
    r"inward|ingående|inkommande|inåt|indgående|indad|innkommende|inngående|saapuv|sisäänpäin|eingehend|einwärts|entrante?|de entrada"
    r"|entrada|in entrata|in ingresso|inkomend|ingaand|входящ|внутренн|przychodząc|wewnętrzn|příchozí|内部|内向"
)
_TIMES = ("created", "updated", "viewed", "resolved", "category_changed")
_MARKED = re.compile(r"(?P<stamp>[^;\n]{6,40});(?P<author>[^;\n]{0,200});(?P<rest>.*)", re.DOTALL)
_WORKLOG = re.compile(
    r"(?:(?P<text>.*);)?(?P<stamp>[^;\n]{6,40});(?P<author>[^;\n]{0,200});(?P<seconds>\d{1,9})", re.DOTALL
)


@cache
def _roles() -> dict[str, str]:
    found: dict[str, str] = {}
    for role, names in _NAMES.items():
        for name in names.split("|"):
            found.setdefault(" ".join(name.split()), role)
    return found


@dataclass(slots=True)
class Columns:
    """The columns of a header: numbers by role, links with type and direction, custom fields and others by name."""

    by_role: dict[str, list[int]] = field(default_factory=dict)
    links: dict[int, tuple[str, str]] = field(default_factory=dict)
    others: dict[int, str] = field(default_factory=dict)
    has_custom: bool = False
    is_created_guessed: bool = False

    @property
    def key(self) -> int | None:
        """The column of the issue's key."""
        return next(iter(self.by_role.get("key", ())), None)

    def first(self, role: str, row: Sequence[str]) -> str:
        """The first cell of a row that has this role and is not empty."""
        return next((text for text in self.all(role, row)), "")

    def all(self, role: str, row: Sequence[str]) -> list[str]:
        """All cells of a row that have this role and are not empty."""
        return [row[i].strip() for i in self.by_role.get(role, ()) if i < len(row) and row[i].strip()]


def split_comment(cell: str) -> tuple[str, str, str] | None:
    r"""Stamp, author and body of a comment; None for a cell of another build.

    >>> split_comment("16/Feb/17 3:29 PM;;rebooted; again\nup")
    ('16/Feb/17 3:29 PM', '', 'rebooted; again\nup')
    """
    found = _MARKED.fullmatch(cell.strip())
    if not found or not is_jira_stamp(found["stamp"].strip()):
        return None
    return found["stamp"].strip(), found["author"].strip(), found["rest"]


def split_attachment(cell: str) -> tuple[str, str, str, str] | None:
    """Stamp, author, name and address of an attachment; None for a cell of another build.

    >>> split_attachment("16/Feb/17 3:29 PM;ops;a;b.log;https://jira.example/a")
    ('16/Feb/17 3:29 PM', 'ops', 'a;b.log', 'https://jira.example/a')
    """
    parts = split_comment(cell)
    if parts is None:
        return None
    name, mark, address = parts[2].rpartition(";")
    if not mark or not re.match(r"(?:https?:)?//?\S*$", address.strip()) or "\n" in name.strip():
        return None
    return parts[0], parts[1], name.strip(), address.strip()


def split_worklog(cell: str) -> tuple[str, str, str, str] | None:
    """Comment, stamp, author and seconds of a work log; None for a cell of another build.

    >>> split_worklog("restored; checked;16/Feb/17 3:29 PM;ops;3600")
    ('restored; checked', '16/Feb/17 3:29 PM', 'ops', '3600')
    """
    found = _WORKLOG.fullmatch(cell.strip())
    if not found or not is_jira_stamp(found["stamp"].strip()):
        return None
    return (found["text"] or "").strip(), found["stamp"].strip(), found["author"].strip(), found["seconds"]


def find_columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Columns | None:
    """What the columns of a table are, by its header and its first rows; None where it is no export of Jira.

    A key column alone makes no Jira: two more of its columns have to be known by name or build.
    """
    found = Columns()
    unknown: list[int] = []
    for index, written in enumerate(header):
        name = " ".join(written.casefold().split())
        role = _roles().get(name)
        custom = _CUSTOM.fullmatch(name)
        if role is not None:
            found.by_role.setdefault(role, []).append(index)
        elif custom:
            found.has_custom = True
            found.others[index] = _LINK.sub(r"\g<type>", " ".join(written.split()), count=1)
        elif name:
            unknown.append(index)
            found.others[index] = " ".join(written.split())
    samples = {
        i: [row[i].strip() for row in rows if i < len(row) and row[i].strip()] for i in range(len(header))
    }
    _find_by_content(found, unknown, header, samples)
    if not _find_key(found, unknown, samples):
        return None
    if "created" not in found.by_role:
        _guess_created(found, unknown, rows)
    return found


def _find_by_content(
    found: Columns, unknown: list[int], header: Sequence[str], samples: dict[int, list[str]]
) -> None:
    """Give columns without a known name the role that the build of their cells tells."""
    names = Counter(" ".join(name.casefold().split()) for name in header)
    by_name: dict[str, str] = {}
    for index in list(unknown):
        cells, name = samples[index], " ".join(header[index].casefold().split())
        link = _LINK.fullmatch(" ".join(header[index].split()))
        is_linked = bool(link) and (_OUTWARD.search(name) or _INWARD.search(name))
        if link and (is_linked or (cells and all(KEY.fullmatch(cell) for cell in cells) and len(cells) > 0)):
            way = "outward" if _OUTWARD.search(name) else "inward" if _INWARD.search(name) else ""
            if cells and not all(KEY.match(cell) for cell in cells):
                continue
            found.links[index] = (link["type"], way)
        elif cells and all(split_attachment(cell) for cell in cells):
            by_name[name] = "attachment"
        elif cells and all(split_worklog(cell) for cell in cells):
            by_name[name] = "worklog"
        elif cells and all(split_comment(cell) for cell in cells):
            by_name[name] = "comment"
        else:
            continue
        if index in found.links:
            unknown.remove(index)
            found.others.pop(index, None)
    for index in list(unknown):  # a repeated name says the same in each of its columns
        role = by_name.get(" ".join(header[index].casefold().split()))
        if role and (samples[index] or names[" ".join(header[index].casefold().split())] > 1):
            found.by_role.setdefault(role, []).append(index)
            unknown.remove(index)
            found.others.pop(index, None)


def _find_key(found: Columns, unknown: list[int], samples: dict[int, list[str]]) -> bool:
    """Settle the key column; whether the table is one of Jira's."""

    def holds_keys(index: int) -> bool:
        cells = samples[index]
        return not cells or sum(bool(KEY.fullmatch(cell)) for cell in cells) * 5 >= len(cells) * 4

    named = [index for index in found.by_role.get("key", ()) if holds_keys(index)]
    bare = [i for i in found.by_role.pop("bare_key", ()) if holds_keys(i) and samples[i]]
    shaped = [i for i in unknown if samples[i] and all(KEY.fullmatch(cell) for cell in samples[i])]
    others = {role for role in found.by_role if role != "key"}
    is_built = (
        found.has_custom
        or bool(found.links)
        or bool(others & {"comment", "attachment", "worklog", "category"})
    )
    if named and (others or is_built):
        found.by_role["key"] = named[:1]
        return True
    if (
        bare
        and len(
            others
            & {
                "type",
                "status",
                "summary",
                "created",
                "updated",
                "resolution",
                "assignee",
                "reporter",
                "priority",
            }
        )
        >= 3
    ):
        found.by_role["key"] = bare[:1]
        return "type" in others or is_built
    if shaped and is_built and (others or len(found.links) > 0):
        found.by_role["key"] = shaped[:1]
        found.others.pop(shaped[0], None)
        return True
    return False


def _guess_created(found: Columns, unknown: list[int], rows: Sequence[Sequence[str]]) -> None:
    """Take the column of dates that every row fills, and that stands before the others, for the created one.

    Jira writes created, updated, last viewed and resolved in this order in an export of all fields.
    """
    if any(role in found.by_role for role in ("updated", "resolved")) or not rows:
        return
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    for index in unknown:
        if filled and all(index < len(row) and is_jira_stamp(row[index].strip()) for row in filled):
            if any(":" in row[index] for row in filled):
                found.by_role["created"] = [index]
                found.others.pop(index, None)
                found.is_created_guessed = True
            return
