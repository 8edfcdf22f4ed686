"""What stands around a cue and changes its sense: negation, condition, wish, past, report, hedge, question, exception.

The decision hidden here: the context rules and how far each reaches. They err to one side: what could be negated,
conditional, wished, past, reported or ironical is no assurance. Every answer is the words that gave it, so that a person
can see why.

References:
    Chapman et al. 2001, "A simple algorithm for identifying negated findings and diseases" (NegEx: triggers,
    pseudo-triggers, scope); Harkema et al. 2009 (ConText: experiencer, temporality, hypothetical).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "RULES",
    "Rules",
    "attributed",
    "comma_part",
    "doubtful_matrix",
    "language_of",
    "negator",
    "said_before",
]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?<![\w-])|(?='))(?:{''.join(line.strip() for line in pattern.splitlines())})(?![\w-])"
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """The context patterns of one language, over lower-case text."""

    negators: re.Pattern[str]
    plain: re.Pattern[str]
    harmless: re.Pattern[str]
    conditions: re.Pattern[str]
    no_conditions: re.Pattern[str]
    wishes: re.Pattern[str]
    no_wishes: re.Pattern[str]
    nearly: re.Pattern[str]
    past: re.Pattern[str]
    hedges: re.Pattern[str]
    exceptions: re.Pattern[str]
    according: re.Pattern[str]
    reports: re.Pattern[str]
    own_reports: re.Pattern[str]
    passive_reports: re.Pattern[str]
    asking: re.Pattern[str]
    tags: re.Pattern[str]
    new_clause: re.Pattern[str]
    no_choice: re.Pattern[str]
    before_choice: re.Pattern[str]
    clinical: re.Pattern[str]
    everyday: re.Pattern[str]
    beside: re.Pattern[str]
    doubts: re.Pattern[str]
    matrix: re.Pattern[str]
    titles: re.Pattern[str]
    content: re.Pattern[str]
    next_body: re.Pattern[str]
    verb: re.Pattern[str]
    deadline: re.Pattern[str]


_SV = Rules(
    negators=_words(
        r"inte|ej|icke|inga|ingen|inget|ingenting|aldrig|knappast|varken|ingalunda|inte\s+alls|utan|sällan|"
        r"långt\s+ifrån|allt\s+annat\s+än|knappt|föga|omöjligt|omöjlig|saknas|saknar|vägrar|slutat|tveksamt|nej|nix|nej,|"
        r"motsatsen|förnekar|tvivlar|misstänker|osant|fel\s+att|lögn|myt|otänkbart|endast|bara\s+(?:delvis|hälften|vissa|några)|delvis|halvt|"
        r"fåtal|hälften|tveksam|illa|dåligt|sämre"
    ),
    plain=_words(
        r"inte|ej|icke|inga|ingen|inget|ingenting|aldrig|knappast|varken|utan(?:\s+\w+)?(?=\s+risk|\s+fara)|noll"
    ),
    harmless=_words(
        r"inte\s+(?:bara|minst|heller\s+bara|enbart)|utan\s+(?:också|även)|ingen\s+tvekan|utan\s+(?:tvekan|tvivel)|"
        r"utan\s+(?:några\s+|minsta\s+|någon\s+|ett\s+enda\s+|en\s+enda\s+|större\s+|andra\s+)?(?:anmärkning(?:ar)?|fel|problem|"
        r"avbrott|undantag|avvikelse(?:r)?|störning(?:ar)?|brister|svårighet(?:er)?|bekymmer|risk(?:er)?|fara|incident(?:er)?|dröjsmål|förseningar)"
    ),
    conditions=_words(
        r"om|ifall|förutsatt|under\s+förutsättning|med\s+förbehåll|såvida|så\s+länge|så\s+snart|så\s+fort|förrän|när|tills|"
        r"till\s+dess|först\s+(?:när|efter|då)|bara\s+(?:vi|de|ni|det|den|alla|allt)|beroende\s+på|givet\s+att|utifall|efter\s+att|innan|annars|"
        r"villkor|kräver|förutsätter|i\s+så\s+fall|i\s+(?:bästa|värsta)\s+fall|med\s+lite\s+tur|hade"
    ),
    no_conditions=_words(
        r"(?:begäran|motion|motionen|initiativ|initiativet|önskemål|dispens|undantag|framställan|skrivelse|fråga|frågan|frågor|beslut|beslutet|beslutar|yrkande|yrkandet|förslag|förslaget|uppgift|uppgifter|information|informationen|"
        r"tvekan|tvivel|överens|enig|eniga|enas|enades|enats|startades|startas|startar|start|köra|köras|långt|runt|bland\s+annat|ansökan|"
        r"medvetna|medveten|säkra|påminner|påminde|redogör|redogjorde|informerar|informerade|talar|pratar|handlar|gäller|avtal|"
        r"avtalet|dialog|oro|byggs|byggt|bygga|ses|tas|ta|tagits|tog|görs|göra|gjorts|gjort|vänder|ber|bett|bad|rapport|rapporten|plan|planen|"
        r"krav|kravet|kraven|hand|tar\s+hand|läs|läses|skriver|skrivs|ställt|ställs|ställer|lagt|läggs|lägger|vårdar|mån|löfte|gott|ont|kort|gånger|gång|dagar|varv|förvissade?|förvissad|tryggt|övertygade?|trygga|löften|avtal|beslutas|beslutats|runtom)\s+om|"
        r"om\s+(?:\d+|en|ett|två|tre|fyra|fem|sex|några|någon)\s+(?:sekund\w*|minut\w*|tim\w*|dag\w*|dygn\w*|veck\w*|månad\w*|år\w*|kvart\w*)|"
        r"om\s+att|även\s+om|villkor(?:en|et)?(?:\s+\w+){0,4}\s+(?:är|har)\s+(?:\w+\s+)?uppfyll\w+|oavsett\s+om|om\s+igen|(?:dygnet|året)\s+om|om\s+natten|om\s+dagen"
    ),
    wishes=_words(
        r"hoppas|hoppades|hoppet|håll(?:er|a)?\s+tummarna|peppar\s+peppar|med\s+(?:lite|litet|en\s+gnutta)\s+tur|förhoppning\w*|förhoppningsvis|önskar|önskan|önskvärt|vill|ville|ska|skall|skulle|bör|borde|(?:målet|målen|målsättningen|syftet|planen|tanken|målbilden|nollvisionen|visionen|idén|ambitionen|kravet|kraven)\s+(?:är|var)|mål\s*:|nollvision\w*|dröm\w*|idealet|krav\s*:|på\s+sikt|i\s+längden|så\s+småningom|säg\s+(?:bara\s+)?att|påstå\s+att|föreställ\w*|anta\s+att|låt\s+oss\s+anta|målsättning\w*|"
        r"ambition\w*|avsikt\w*|avser|siktar|planerar|planeras|planerad|planerat|tänkt|tänkta|förväntas|förväntar|"
        r"förväntan|räknar\s+med|beräknas|strävar|måste|behöver|får\s+inte|tänk|ifall|skulle|vore|önskemål|kan\s+(?:vara|bli|anses|tänkas|komma\s+att)|"
        r"kanske|möjligen|eventuellt|troligen|troligtvis|sannolikt|antagligen|nog|väl|lär|torde|verkar|förefaller|tycks|ser\s+ut\s+att|"
        r"i\s+teorin|teoretiskt|på\s+papp(?:e|)ret|påstått|vision\w*|för\s+att|se\s+till|kontrollera|säkerställ|verifiera|krav\s+på|så\s+att|"
        r"arbetar\s+(?:för|med|på)|jobbar\s+(?:för|med|på)|på\s+väg|som\s+om|låtsas|låtsades|hävda|visat\s+sig\s+vara|i\s+fantasin|drömmer|"
        r"att\s+(?:vara|ha|bli|få|kunna)|tills\s+vidare|test\s+av|hur|varför|huruvida|vad\s+som|oklart|oklar|mal\b|ja\s+visst|jo\s+visst|jo\s+tack|"
        r"underbart|toppen|jättebra|tjena|tacka\s+vet|undrar|(?:vi|jag|fortfarande|och|alla)\s+väntar|väntar\s+(?:på|in)|inväntar|ännu|skeptisk\w*|ett\s+(?:under|mirakel)|ren\s+tur|otroligt|märkligt|förvånad\w*|som\s+vi\s+alla\s+vet|svårt\s+att\s+tro|tveksam\w*|osäker\s+på|osäkra\s+på"
    ),
    no_wishes=_words(
        r"som\s+(?:det|de|den|man|vi|allt|alla)\s+(?:ska|skall|skulle|bör|borde)|(?:förtroende|tillit|tilltro|stöd|höjd|står|svarar|god)\s+för\s+att|(?:inga|ingen|inget|ingenting|inte\s+något)\s+(?:[\w-]+\s+){0,3}(?:kvarstår|återstår)|(?:kvarstår|återstår)\s+(?:inte|inga|inget|ingenting|ej)|fungerar\s+som\s+vanligt|(?:fortgår|löper|pågår|rullar|går)\s+(?:\w+\s+)?som\s+vanligt|säker\s+nog|mer\s+än\s+nog|nog\s+för|nog\s+att|vi\s+(?:vill|ska)\s+(?:betona|understryka)|(?:det\s+)?(?:bör|ska|kan|måste)\s+(?:\w+\s+)?(?:framhållas|konstateras|noteras|sägas|betonas|nämnas)\s+att|ska\s+ni\s+veta|behöver\s+(?:inte|ingen|inga)|(?:ska|skall)\s+(?:inte|aldrig)\s+(?:\w+\s+)?(?:hända|upprepas|inträffa|ske)|"
        r"(?:ingen|inget|inga|ni|du|man)\s+behöver(?:\s+inte)?|gott\s+och\s+väl|så\s+väl|väl\s+[\w-]+(?:ad|ade|at|d|t|da|na|en)(?![\w-])|väl\s+(?:förbered\w+|rust\w+|test\w+|genom\w+|dimens\w+|utbild\w+|inövad\w*|fungerande)|"
        r"nog\s+(?:med|stor|bra)|vi\s+vill\s+(?:försäkra|bekräfta)|jag\s+vill\s+(?:försäkra|bekräfta)|det\s+går\s+att|kommer\s+att|uppfyller\s+(?:[\w-]+\s+){0,3}krav\w*"
    ),
    nearly=_words(
        r"nästan|nästintill|snart|strax|så\s+gott\s+som|i\s+stort\s+sett|i\s+princip|mer\s+eller\s+mindre|till\s+hälften|till\s+stor\s+del|"
        r"i\s+det\s+närmaste|inte\s+riktigt|bara\s+[\w\s]{1,40}\s+kvar|återstår|kvarstår|till\s+\d+\s*(?:%|procent)|\d+\s*(?:%|procent)|halvvägs|de\s+flesta|"
        r"flertalet|merparten|hyfsat|någorlunda|tillräckligt\s+nära|utom|förutom|bortsett\s+från|med\s+undantag|för\s+tidigt|\d+\s+av\s+\d+|fortfarande\s+att|endast|delar\s+av"
    ),
    past=_words(
        r"förra\s+(?:året|veckan|månaden|gången|hösten|våren|sommaren|vintern)|i\s+fjol|(?<!den )(?<!det )(?<!de )(?<!än )tidigare|på\s+den\s+tiden|förut|(?:sa|sade|trodde|(?<!allt vi )(?<!som vi )lovade|påstod|hävdade|"
        r"trott|sagt|lovat|skrev|försäkrade|försäkrat|uppgav|ansåg|bedömde|tyckte|menade|hette|intygade|meddelade|garanterade)|(?:19|20)\d\d\s+(?:var|hade)|då\s+var|var\s+(?:det\s+)?(?:tänkt|meningen)|"
        r"har\s+varit(?!\s+(?:\w+\s+){0,3}(?:sedan|i\s+flera|de\s+senaste|hela))|en\s+gång\s+i\s+tiden|senast\s+vi|historiskt"
    ),
    hedges=_words(
        r"såvitt\s+(?:vi|jag|man)\s+(?:vet|kan\s+(?:se|bedöma))|så\s+vitt\s+(?:vi|jag)\s+\w+|så\s+långt\s+(?:vi|jag)\s+(?:vet|kan\s+se)|vad\s+(?:vi|jag)\s+(?:vet|kan\s+(?:se|bedöma)|känner\s+till)|"
        r"(?:vi|jag)\s+(?:bedömer|tror|anser|tycker|uppfattar|uppskattar|menar)|(?:bedömer|tror|anser|tycker|menar)\s+(?:vi|jag)|(?:enligt\s+)?(?:vår|min)\s+(?:bedömning|uppfattning|mening)|"
        r"för\s+närvarande|i\s+dagsläget|just\s+nu|som\s+det\s+ser\s+ut|till\s+synes|förmodligen|rimligen|efter\s+vad\s+(?:vi|jag)\s+\w+|känner\s+till|(?:kända|känt)"
    ),
    exceptions=_words(r"utom|förutom|bortsett\s+från|med\s+undantag|så\s+när\s+som"),
    according=_words(
        r"enligt(?!\s+(?:plan(?!e)|planen|tidplan|tidplanen|schema|schemat|överenskommelse|kravspecifikation|förslag|alternativ|min|vår|mig|oss|rutin|rutinen|avtal|avtalet|beslut|instruktion|"
        r"gällande|lag|[\w-]+s\s+förslag|förvaltningens|arbetsutskottets))(?:\s+[\w-]+){1,3}|från\s+(?:leverantören|projektet|ledningen)s?\s+(?:sida|håll)|i\s+(?:tidningen|media|pressen|pressmeddelandet|rapporten\s+(?:står|sägs))|"
        r"ryktas|ryktet|rykten|(?<!vår )(?<!min )(?<!våra )(?:\w+s\s+)?(?<!vår )(?<!min )(?:besked|beskedet|uppgift|påstående|försäkran|bild|hållning|svar|svaret|löfte|inställning|budskap|budskapet|version|uppfattning|bedömning)\s+(?:är|var|lyder|löd|om\s+att|att)|angivet|påstådd\w*|så\s+kallad\w*|s\.k|står\s+det|(?:hört|läst|fått\s+höra|fått\s+veta|fick\s+höra|fick\s+veta|fått\s+besked|fick\s+besked|fått\s+(?:\w+\s+)?(?:löfte|garanti|försäk)\w*)"
    ),
    reports=_words(
        r"säger|sa|sade|sagt|uppger|uppgav|uppgett|uppgivit|hävdar|hävdade|hävdat|påstår|påstod|påstått|menar|menade|menat|försäkrar|försäkrade|försäkrat|lovar|lovade|lovat|intygar|intygade|intygat|"
        r"meddelar|meddelade|meddelat|rapporterar|rapporterade|rapporterat|anser|ansåg|ansett|bedömer|bedömde|bedömt|tror|trodde|trott|tycker|tyckte|skriver|skrev|skrivit|svarar|svarade|svarat|"
        r"berättar|berättade|berättat|framhåller|framhöll|konstaterar|konstaterade|konstaterat|garanterar|garanterade|garanterat|bekräftar|bekräftade|bekräftat|understryker|underströk|betonar|betonade|"
        r"förklarar|förklarade|förklarat|förklarats|redovisar|redovisade|redogör|redogjorde|informerar|informerade|informerat|utlovar|utlovade|utlovat|deklarerar|deklarerade|anger|angav|angett|antar|antog|litar|utgår|utgick|"
        r"upprepar|upprepade|tillade|tillägger|framför|framförde|noterar|gissar|ville|vill\s+ha\s+det\s+till|lugnar|lugnade"
    ),
    own_reports=_words(
        r"(?:undertecknad|undertecknade)\s+$|(?:jag|vi)\s+(?:(?:kan|vill|härmed|nu|bara|gärna|också|därför|fortfarande|alltså|får|vågar)\s+)*$|härmed\s+$"
    ),
    passive_reports=_words(
        r"påstås|påstods|sägs|sades|uppges|uppgavs|hävdas|hävdades|anses|ansågs|bedöms|bedömdes|rapporteras|rapporterades|"
        r"förmodas|utlovas|utlovades|utlovats|beskrivs|beskrevs|förklaras|förklarades|deklareras|antas|tros|troddes|lovas|lovades|lovats|försäkrats|försäkrades|meddelas|meddelades|intalas"
    ),
    asking=re.compile(
        r"^(?:(?:och|men|så|alltså|då)\s+)?(?:är|var|har|hade|kan|kunde|ska|skulle|finns|fanns|får|fick|vill|fungerar|funkar|håller|räcker|går|kommer|blir|vet|hinner|"
        r"måste|bör|borde|stämmer|behöver|gäller|klarar|lyckas|godkänns|faller|gick|visar|klaras|godkänner|hittar|godkänt|beslutade)\s+(?:(?:inte|verkligen|nu|då)\s+)?"
        r"(?:det|den|de|vi|ni|du|jag|man|han|hon|allt|alla|någon|något|några|samtliga|testerna|\w+(?:en|et|na|ar|er))\b"
        r"|^(?:(?:och|men|så)\s+)?(?:vem|vad|vilken|vilket|vilka|hur|varför|när|var)\s+(?:är|har|kan|ska|kommer|gör|händer|äger|ansvarar|blir|finns|många|mycket|länge|ofta|vet|kör|går)\b.*\?$"
    ),
    tags=re.compile(
        r"(?:,|\s)\s*(?:eller(?:\s+hur)?|va|inte\s+sant|visst|hoppas\s+jag|tror\s+jag\s+inte)\s*[?!.…]*$"
    ),
    new_clause=_words(
        r"(?:och|samt)\s+att|(?:och|samt|så|eftersom|för)\s+(?:nu\s+|därför\s+)?(?:allt|alla|vi|jag|ni|du|det|den|de|man|ingen|inga|inget|samtliga|systemet|\w+(?:en|et|na|erna|arna))|därför|eftersom|som|vilket|varför|så\s+att"
    ),
    no_choice=_words(
        r"(?:ska|skall|kommer\s+att|bör|borde|måste|kan|får|vill|behöver|avser\s+att|planerar\s+att|väntas|hinner|skulle|har|hade|är|blev)\s+(?:[\w-]+\s+){0,3}?(?:inte|ej|ännu|aldrig|inte\s+ännu)\s+(?:\w+\s+)?$|"
        r"(?:ska|skall|kommer|bör|borde|måste|kan|får|vill|väntas|skulle)\s+(?:[\w-]+\s+){0,3}$|(?:inte|aldrig|ingen|ej|inget|inga)\s+(?:\w+\s+){0,1}$"
    ),
    before_choice=_words(
        r"(?:om|ifall|innan|när|sedan|efter\s+att|tills|förrän|hur|varför|huruvida|vad|vem|medan|så\s+snart|så\s+fort)\s+(?:[\w-]+\s+){0,4}$"
    ),
    beside=re.compile(
        r"(?:^|^(?:nu|då|här|idag|i\s+dag)\s+(?:är|finns|fungerar|ligger|står)\s+)(?:det\s+)?(?:reviderade\s+)?(?:protokollet|rapporten|handlingarna|lokalen|lokalerna|rummet|rum\s+\d+|salen|sal\s+\w|kallelsen|dagordningen|presentationen|bilderna|inspelningen|länken|dokumentet|bilagan|bilagorna|fakturan|platsen|tjänsten\s+som|mötet|sammanträdet|ordföranden|enkäten|inbjudan|anteckningarna|anmälan|annonsen|nyhetsbrevet)\b|\b(?:den|de|dem)\s+som\b"
        r"|(?:\bjag\s+(?:är|har\s+blivit|blir|står|sitter)|\b(?:är|blir)\s+jag)\s+(?:\w+\s+)?(?:klar|färdig|redo|tillgänglig|uppe|igång|på\s+plats|tillbaka|borta|kopplad|ledig|hemma|på\s+banan|på\s+topp)\b|\b(?:mötet|möte|lunch|fika|semester|kaffe)\b"
    ),
    everyday=re.compile(
        r"^(?:hon|han|jag|[a-zåäö]+)\s+(?:var|är|kommer)\s+inte\s+(?:på\s+(?:plats|mötet)|närvarande|med\s+på|här)|^(?:blodprovet|provsvaret|odlingen|röntgenbilden|undersökningen|ekg|blodtrycket|pulsen|temperaturen|barnet)\b|(?:^|\b(?:är|var)\s+)(?:hissen|parkeringen|projektorn|bordet|bilen|tåget|bussen|kursen|mikrofonen|kameran|ljudet|skärmdelningen|fikarummet|kopiatorn|kaffemaskinen|kaffet|fikat|lunchen|maten|middagen|tårtan|resan|hotellet|semestern|vädret|trafiken\s+på|cykeln|porten|toaletten|matsalen)\b"
    ),
    clinical=re.compile(
        r"^(?:patienten|patienterna(?!s)|provet|proverna|provsvaret|barnet|barnen|kvinnan|mannen|pojken|flickan|modern|mamman|såret|operationen|pat)\b"
        r"(?!\s+(?:(?:\w+\s+){0,2}?(?:påverka\w*|drabba\w*|riskerar\w*|utsätts|far\s+illa|får\s+(?:fel|vänta|dubbel)\w*|hamnar|hotas|berörs|skadas|märker|kommer\s+(?:inte|i\s+kläm|att)|kan\s+(?:inte|känna|vara)|är\s+(?:trygga|säkra|omhändertagna))))|^(?:pat\.)"
    ),
    doubts=re.compile(
        r"\b(?:tvivlar|tvekar|betvivlar|osant|fel|lögn|myt|skenet|intrycket|illusion\w*|föreställning\w*|påståenden?a?|påståendet|löftet|rykte\w*|inte\s+(?:sant|övertyg\w+|säker|säkra|säkert|klart|givet|visat|bekräftat|så)|ingen\s+(?:kan|vågar|tror|vet|vill)|(?:kan|vågar|vill)\s+(?:\w+\s+)?inte\s+\w+|tror\s+(?:\w+\s+)?inte)\s+(?:\w+\s+){0,2}?att\s"
    ),
    matrix=re.compile(
        r"\b(?:bedömer|tror|anser|menar|tycker|vet|ser|märker|minns|upplever|uppfattar|noterar|konstatera\w*|bekräfta\w*|lova\w*|garantera\w*|försäkra\w*|intyga\w*|notera\w*|meddela\w*|säga|påstå|framhåll\w*|betona\w*|understryk\w*|poängtera\w*|slå\s+fast|slår\s+fast|visar|visade|visat|innebär|innebar|betyder|medför|gör|indikerar|styrker|bevisar|verifierat|kontrollerat|kollat|säkerställt|säkerställer|sett\s+till|ser\s+till"
        r"|säkra?(?:\s+på)?|trygga?(?:\s+(?:med|i))?|övertyga(?:d|de)(?:\s+om)?|nöjda?(?:\s+med)?|överens(?:\s+om)?|eniga(?:\s+om)?|glada?(?:\s+(?:för|över))?|lugna?(?:\s+(?:med|i))?|förvissad\w*(?:\s+om)?|klart|tydligt|uppenbart|så|bra|skönt|glädjande|positivt|visat\s+sig|faktum(?:\s+är)?|bedömning(?:en)?(?:\s+är)?|slutsats(?:en)?(?:\s+är)?|resultat(?:et)?(?:\s+är)?|uppfattning(?:en)?(?:\s+är)?|förtroende\s+för|tillit\s+till|tvekan(?:\s+om)?|tvivel(?:\s+om)?|lita\w*\s+på|räkna\s+med|svarar\s+för|står\s+för|god\s+för|tack\s+vare|i\s+och\s+med|höjd\s+för|är)\s+(?:\w+\s+)?$"
    ),
    titles=re.compile(
        r"^(?:(?:§|punkt|ärende|bilaga|item)\s*\d+\s*[:.]?\s*)?[\w-]*(?:rapport|bilaga|plan|redovisning|skrivelse|utredning|yttrande|motion|interpellation|uppföljning|information|promemoria|pm|anmälan|redogörelse|protokoll|beslut|analys|granskning|översyn|sammanfattning|kallelse|förslag)(?:en|et)?\s+(?:om|angående|över|rörande|avseende|av|för|till|från|gällande|\d)(?!\w)"
    ),
    content=re.compile(
        r"^(?![^\n]*?(?:eftersom|därför\s+att|på\s+grund\s+av|mot\s+bakgrund|med\s+anledning|till\s+följd|trots|då\s|,\s+(?:det|men|och|för|som|vilket))).{0,4}?(?:[\w,;:-]+\s+){0,6}?(?:att|:)\s"
    ),
    next_body=re.compile(r"^(?!.*\batt\b).*\b(?:och|varefter|varpå|men)\s+\w+(?:en|et|na|e)?\s*$"),
    verb=_words(
        r"är|var|har|hade|kan|ska|blir|blev|finns|fanns|får|gick|går|kommer|måste|bör|vill|\w{2,}(?:ar|er|ade|des|te|ts|as)"
    ),
    deadline=_words(
        r"(?:senast|före|till|innan|inom|klart:|deadline:|förfaller:?)\s+(?:kl\.?\s*)?(?:den\s+)?(?:nästa\s+\w+|(?:mån|tis|ons|tors|fre|lör|sön)dag\w*(?:\s+(?:den\s+)?\d{1,2}\s+\w+)?|\d{1,2}(?::e)?\s+(?:jan|feb|mar|apr|maj|jun|jul|aug|sep|okt|nov|dec)\w*|"
        r"vecka\s+\d+|v\.?\s*\d+|lunch|jul|påsk|midsommar|årsskiftet|i\s+morgon|imorgon|\d{1,2}/\d{1,2}|\d{1,2}[.:]\d\d|\w+\s+(?:dagar|veckor|timmar|månader)|(?:januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december))|"
        r"i\s+(?:dag|morgon|kväll|natt|eftermiddag|veckan)(?:\s+bitti)?|imorgon|idag|den\s+\d{1,2}:e"
    ),
)

_EN = Rules(
    negators=_words(
        r"not|no|never|without|hardly|scarcely|barely|nobody|none|nothing|neither|nor|cannot|\w+n't|n't|far\s+from|anything\s+but|"
        r"nowhere\s+near|rarely|seldom|lacks?|lacking|fails?|failed|failing|refuses?|denie[sd]|doubts?|doubtful|impossible|untrue|false|myth|"
        r"only\s+(?:partly|partially|half|some)|partly|partially|half|few|unable|mistake|premature|wrong|too\s+early|least|instead\s+of|rather\s+than|badly|poorly|slowly|nope"
    ),
    plain=_words(
        r"not|no|never|hardly|nobody|none|nothing|neither|nor|cannot|\w+n't|zero|without(?=\s+(?:\w+\s+)?(?:risk|danger))"
    ),
    harmless=_words(
        r"not\s+(?:only|just|least|to\s+mention)|no\s+doubt|no\s+question|without\s+(?:a\s+)?doubt|"
        r"(?:without|with\s+no|with\s+zero)\s+(?:a\s+|any\s+|one\s+|a\s+single\s+|single\s+|major\s+|further\s+)*(?:errors?|faults?|problems?|issues?|incidents?|remarks?|hitch|hitches|hiccups?|exception|exceptions|deviations?|interruptions?|disruption|warnings?|failures?|flaw|delay|incident|risk|stops?|stoppages?|glitch(?:es)?|snags?|loss|losses|downtime|complaints?|fuss|drama|trouble|exceptions?)|"
        r"never\s+been\s+better|no\s+longer|never\s+better|no\s+later\s+than"
    ),
    conditions=_words(
        r"if|unless|once|provided|providing|as\s+long\s+as|so\s+long\s+as|assuming|in\s+case|when|whenever|until|till|on\s+condition|conditional\s+(?:on|upon)|subject\s+to|as\s+soon\s+as|"
        r"only\s+after|depending\s+on|contingent|given\s+that|before|after\s+(?:the|we|it|all)|otherwise|in\s+that\s+case|with\s+(?:any|a\s+bit\s+of)\s+luck|requires|would|had\s+(?:it|we|they)|should\s+(?:the|we|it|all)|then\s+we|requirements?\s*:(?=\s)"
    ),
    no_conditions=_words(
        r"for\s+once|at\s+once|once\s+(?:(?:a|per|every)\s+(?:\w+\s+)?(?:seconds?|minutes?|hours?|day|days|nights?|weeks?|months?|years?|shift)|again|more)|even\s+if|as\s+if|before\s+the\s+summer|(?:all|every|the)\s+conditions?\s+(?:\w+\s+){0,3}(?:is|are|have\s+been|has\s+been)\s+(?:met|fulfilled|satisfied)|(?:fallback|plan|backup|routine|redundancy|spare|procedure|cover)s?\s+(?:[\w-]+\s+)?in\s+case\s+of|conditions?\s+for|well\s+before|never\s+before|than\s+before|ahead\s+of"
    ),
    wishes=_words(
        r"hope|hopes|hoped|hoping|hopefully|fingers\s+(?:are\s+)?crossed|(?:touch|knock\s+on)\s+wood|with\s+(?:any|a\s+bit\s+of|a\s+little|some)\s+luck|here's\s+hoping|wish|wishes|wished|want|wants|wanted|should|ought|supposed|meant|intended|intend|intends|intention|aims|aiming|(?:aim|goal|target|objective|ambition|idea|purpose|vision)s?\s+(?:is|was|are|were|remains)|(?:plan|point|requirement)s?\s+(?:is|was|are|were|remains)\s+(?:for|to|that)|(?:goal|target|aim)s?\s*:|(?:plan|plans|planned)\s+(?:to|for|on)|planned|planning|"
        r"expected|expect|expects|expecting|due\s+to|must|need|needs|needed|have\s+to|has\s+to|could|might|may|would|maybe|perhaps|possibly|presumably|probably|likely|"
        r"in\s+theory|on\s+paper|theoretically|in\s+principle|vision|to\s+(?:be|have|become|get|make|ensure|keep)|make\s+sure|ensure\s+that|ensure|verify\s+that|check\s+that|so\s+that|in\s+order|as\s+if|as\s+though|pretend|pretending|pretended|imagine|picture|suppose|"
        r"seems?|appears?|looks\s+like|working\s+(?:on|towards|to)|trying|whether|how|why|unclear|if\s+only|yeah,?\s+right|sure,|of\s+course,\s+everything|wonderful|great,|waiting|awaiting|yet|let's|strive|strives|draft|test\s+that|is\s+scheduled|are\s+scheduled|(?<!a )dream|requirements?\s*:|(?<!we )(?<!i )shall|in\s+the\s+long\s+run|eventually|surely|tell\s+me|promise\s+me|say\s+it|some\s?day|one\s+day|assume\s+that|let's\s+assume|sceptical|skeptical|doubtful|miracle|wonder|lucky|sheer\s+luck|hard\s+to\s+believe|surpris(?:ed|ing)|as\s+we\s+all\s+know|unsure|not\s+sure|requirement\s+that|set\s+up\s+to|were\s+to"
    ),
    no_wishes=_words(
        r"as\s+(?:it|they|we|everything|planned|expected|intended)(?:\s+(?:should|ought))?|(?:no|don't|doesn't|do\s+not|does\s+not|nobody|not)\s+(?:\w+\s+)?(?:needs?|have|has)\s*(?:to)?(?:\s+(?:be|do|worry|panic))?|no\s+(?:need|reason)\s+to(?:\s+be)?|nothing\s+to(?:\s+be)?|according\s+to\s+plan|going\s+to\s+be|happy\s+to|able\s+to|ready\s+to|prepared\s+to|good\s+to|set\s+to|everything\s+(?:we|you|they)\s+needs?|all\s+(?:we|you)\s+need|back\s+to|(?:rollback|recovery|contingency|backup|continuity|staffing|training|the|a|our|every)\s+plans?|requirements?"
        r"|(?:it|as|we|they|everything)\s+(?:was|were|is|are)\s+(?:supposed|meant|intended|expected)\s+to(?=\s*[.,]|$)|as\s+usual(?=\s*[.,]|$)|it\s+(?:should|must|can|may)\s+be\s+(?:stated|noted|pointed\s+out|said|stressed)\s+that|(?:only|few)\s+good|no\s+need\s+\w*|more\s+than\s+(?:enough|adequate)|no\s+(?:[\w-]+\s+){0,3}remain\w*|nothing\s+(?:remains|left)\s+to\s+\w+|staff\s+needed|meets?\s+(?:\w+\s+)+needs|up\s+to"
    ),
    nearly=_words(
        r"almost|nearly|practically|virtually|basically|more\s+or\s+less|not\s+quite|close\s+to|soon|shortly|about\s+to|in\s+principle|mostly|largely|for\s+the\s+most\s+part|most\s+of|"
        r"just\s+[\w\s]{1,40}\s+(?:left|remaining|to\s+go)|left\s+to|remains?\s+to|still\s+to|except|apart\s+from|other\s+than|save\s+for|but\s+for|with\s+the\s+exception|\d+\s*(?:%|per\s?cent|percent)|half-?way|fairly|somewhat|all\s+but|too\s+(?:early|soon)|\d+\s+(?:out\s+)?of\s+(?:the\s+)?\d+|only|parts\s+of"
    ),
    past=_words(
        r"last\s+(?:year|week|month|time|spring|summer|autumn|fall|winter)|previously(?!\s+(?:reported|known|identified|noted|found))|(?<!reported )(?<!identified )(?<!noted )(?<!found )earlier(?!\s+(?:reported|than))|back\s+then|at\s+the\s+time|used\s+to|once\s+said|(?:had|was|were)\s+(?:supposed|meant|told|promised|assured)|years\s+ago|"
        r"(?:said|thought|believed|claimed|assumed|told|(?<!everything we )(?<!all we )(?<!what we )promised|assured\s+(?:us|them|the|everyone)|swore|insisted|(?<!be )stated|declared|argued|wrote|announced)|historically|in\s+(?:19|20)\d\d"
    ),
    hedges=_words(
        r"as\s+far\s+as\s+(?:we|i)\s+(?:can\s+(?:tell|see|judge)|know|are\s+aware|am\s+aware)|to\s+(?:the\s+best\s+of\s+)?(?:our|my)\s+(?:knowledge|belief)|in\s+(?:our|my)\s+(?:assessment|view|opinion|judgement|judgment|estimation)|"
        r"(?:we|i)\s+(?:believe|think|assess|judge|consider|feel|reckon|estimate|trust)|from\s+what\s+(?:we|i)\s+(?:can\s+)?(?:see|know)|for\s+now|at\s+(?:present|the\s+moment)|currently|known|so\s+far|as\s+things\s+stand|(?:reasonably|fairly|pretty)\s+(?:sure|certain|confident)|it\s+is\s+(?:our|my)\s+\w+\s+that|we\s+(?:know|are\s+aware)\s+of"
    ),
    exceptions=_words(r"except|apart\s+from|other\s+than|save\s+for|with\s+the\s+exception"),
    according=_words(
        r"according\s+to(?!\s+(?:plan|schedule|the\s+plan|the\s+schedule|proposal|procedure|specification))(?:\s+[\w-]+){1,3}|in\s+the\s+words\s+of(?:\s+\w+){1,3}|allegedly|reportedly|supposedly|apparently|purportedly|ostensibly|so-called|rumou?rs?|rumou?red|"
        r"(?:we|i|they)(?:'ve\s+been|\s+have\s+been|\s+had\s+been|\s+are|'re|\s+were|\s+was|'m|\s+am)\s+(?:also\s+|been\s+|just\s+|repeatedly\s+|again\s+)*(?:told|assured|promised|informed|led\s+to\s+believe|given\s+to\s+understand|given\s+(?:\w+\s+)?(?:assurances?|guarantees?))|"
        r"(?:hear|hears|heard|read)\s+that|(?:was|were|been|is|are)\s+(?:\w+\s+)?(?:told|assured\s+that|informed\s+that|said\s+to|claimed|alleged|reported\s+to|thought\s+to|believed\s+to|declared|described\s+as|advertised|considered|deemed|assumed)|"
        r"(?:the\s+)?(?:supplier|vendor|project|management|press|newspaper|report|email|mail)'s\s+(?:\w+\s+)?(?:claim|statement|assurance|word|view|promise)s?|in\s+the\s+(?:press|media|newspaper|paper)|it\s+is\s+said|they\s+say|claims?\s+(?:of|that)|assurances?\s+(?:that|from|by)|(?:the|a|his|her|their|its|'s)\s+promises?\s+that|statement\s+that|belief\s+that|'s\s+(?:answer|message|line|position|reply|assessment|view)\s+(?:is|was)"
    ),
    reports=_words(
        r"says|said|say|saying|claims|claimed|claim|states|stated|reports|reported|asserts|asserted|insists|insisted|insist|maintains\s+that|maintained\s+that|assures|assured|promises|promised|guarantees|guaranteed|confirms|confirmed|writes|wrote|"
        r"tells|told|believes|believed|thinks|thought|argues|argued|announces|announced|declares|declared|certifies|certified|explains|explained|replies|replied|answers|answered|adds|added|notes\s+that|noted\s+that|suggests|suggested|"
        r"considers|considered|estimates|estimated|assumes|assumed|assume|swears|swore|vows|vowed|concludes|concluded|informs|informed|advises|advised\s+that|tweeted|posted\s+that|feels\s+that|expects|calls\s+it|called\s+it|deems|quoted"
    ),
    own_reports=_words(
        r"undersigned\s+$|(?:i|we)\s+(?:(?:can|hereby|do|also|now|will|would|still|am|are|have|just|fully|must|dare|dare\s+to|may|gladly|happily|honestly|safely)\s+)*$"
    ),
    passive_reports=_words(r"allegedly|reputedly"),
    asking=re.compile(
        r"^(?:(?:and|but|so|or)\s+)?(?:is|are|was|were|do|does|did|can|could|would|should|shall|may(?!\s+i\s+(?:remind|point|add|say|assure|stress|warn))|has|have|had|will|isn't|aren't|hasn't|haven't|don't|doesn't|won't|can't)\s+"
        r"(?:it|this|that|there|the|we|you|they|i|he|she|all|every\w*|any\w*|some\w*|our|your|these|those|a|an|each|both|no\w*)\b(?!\s+(?:been|worry)\b)"
        r"|^(?:(?:and|but|so)\s+)?(?:who|what|which|how|why|when|where|whose)\b.*\?$"
    ),
    tags=re.compile(
        r",\s*(?:right|correct|no|yes|okay|ok|(?:is|are|does|do|has|have|did|was|were|will|can)(?:n't)?\s+(?:it|they|we|you)|or\s+(?:is|are|does|do|not)(?:\s+\w+)*|or)\s*[?!.…]*$"
    ),
    new_clause=_words(
        r"and\s+that|(?:and|so|because|since|as|for)\s+(?:now\s+|therefore\s+)?(?:everything|all|we|i|you|it|they|the|this|that|there|he|she|nobody|no|our|every)|because|which|who|so\s+that"
    ),
    no_choice=_words(
        r"(?:will|shall|should|must|can|could|may|might|would|is\s+to|are\s+to|going\s+to|needs?\s+to|has\s+to|have\s+to|wants?\s+to|expected\s+to|to|yet\s+to|not|n't|never|nobody|no\s+one|nothing|hardly|been\s+asked\s+to|hasn't|haven't|didn't|wasn't|not\s+yet)\s+(?:\w+\s+){0,1}$"
    ),
    before_choice=_words(
        r"(?:if|until|before|when|once|after\s+(?:the|we|it|they)|unless|whether|since|how|why|what|as\s+soon\s+as|by\s+the\s+time)\s+(?:[\w-]+\s+){0,4}$"
    ),
    beside=re.compile(
        r"^(?:(?:now|right\s+now|today),?\s+)?(?:(?:the|a|this|my)\s+)?(?:draft\s+|meeting\s+|revised\s+)?(?:minutes|report|room|room\s+\w|agenda|slides|document|documents|recording|link|invoice|presentation|papers|position|meeting|chair|survey|invitation|notes|newsletter|questions?\s+\d+)\b|\b(?:those|anyone|whoever|everyone|he|she)\s+who\b"
        r"|\b(?:i'm|i\s+am|i'll\s+be|i\s+will\s+be)\s+(?:\w+\s+)?(?:done|ready|finished|available|up|back|in\s+place|fine|ok|good|all\s+set|set|gone|online|home|out|working|on\s+track|covered)\b|\b(?:the\s+meeting|lunch|coffee|holiday|vacation)\b"
    ),
    everyday=re.compile(
        r"^(?:she|he|i)\s+(?:was|is|am|were)(?:n't|\s+not)\s+(?:there|here|present|at|in)|^(?:the\s+)?(?:blood\s+(?:test|sample|pressure)|biopsy|culture|x-ray|scan|ecg|pulse)\b|^(?:(?:the|a|this|my|our)\s+)?(?:lift|elevator|parking|projector|table|car|train|bus|course|microphone|camera|screen\s+share|copier|coffee|coffee\s+machine|lunch|dinner|food|cake|trip|hotel|holiday|weather|bike|toilet|canteen|cafeteria|gate)\b"
    ),
    clinical=re.compile(
        r"^(?:(?:the|this|a)\s+)?(?:patient(?!\s+(?:safety|data|record|list|portal|care))|sample|specimen|child|mother|wound|woman|man|boy|girl|blood\s+test)s?\b"
        r"(?!\s+(?:(?:\w+\s+){0,2}?(?:affected|harmed|hurt|endangered|at\s+risk|risk|suffer|notice|receive|get\s+the\s+wrong|in\s+safe\s+hands|safe|accounted|will|won't|may|could|can|cannot|can't)))"
    ),
    doubts=re.compile(
        r"\b(?:doubts?|doubted|untrue|false|a\s+(?:lie|myth)|impression|illusion|notion|claims?|idea|pretence|rumou?rs?|not\s+(?:true|convinced|sure|certain|clear|proven|so)|n't\s+(?:true|convinced|sure|certain|think|believe|say|promise|guarantee|confirm)|(?:nobody|no\s+one|none\s+of\s+us)\s+(?:\w+\s+)?\w+|(?:cannot|can't|not)\s+(?:say|promise|guarantee|confirm|claim|think|believe))\s+(?:\w+\s+)?that\s"
    ),
    matrix=re.compile(
        r"\b(?:think|believe|judge|consider|feel|know|see|note|confirm\w*|promise|guarantee|assure\s+\w+|certify|stated?|noted|said|say|said|find|found|conclude\w*|shows?|showed|shown|means?|meant|indicates?|demonstrate\w*|proves?|proved|verified|checked|ensured?|made\s+sure|confident|certain|sure|convinced|satisfied|happy|pleased|glad|relieved|reassured|clear|evident|doubt|so|now|given|fact|good|is|stress\w*|emphasi\w+|trust|agreed?|vouch|establish\w*|report|announce|inform\s+\w+|to|of|you|us|question|everything|all)\s+(?:\w+\s+)?$"
    ),
    titles=re.compile(
        r"^(?:(?:item|appendix|annex|agenda\s+item|section)\s*\d+\s*[:.]?\s*)?(?:the\s+)?(?:[\w-]+\s+){0,3}?(?:report|appendix|annex|plan|review|memo|minutes|notice|motion|summary|analysis|audit|statement|list|overview|assessment|proposal|decision|draft|request)s?\s+(?:on|about|of|for|regarding|concerning|to|from|\d)(?!\w)"
    ),
    content=re.compile(
        r"^(?![^\n]*?(?:because|since|due\s+to|owing\s+to|in\s+view\s+of|in\s+light\s+of|given|despite|although|,\s+(?:as|it|but|and|for|which|there))).{0,4}?(?:[\w,;:-]+\s+){0,6}?(?:that|to|not|:)\s"
    ),
    next_body=re.compile(r"^(?!.*\b(?:that|to)\b).*\b(?:and|but|whereupon)\s+(?:the\s+)?\w+\s*$"),
    verb=_words(
        r"is|are|was|were|has|have|had|can|will|shall|should|must|may|might|do|does|did|be|\w+(?:n't|'s|'re|'ve|'ll)|\w{3,}(?:ed|es)|works?|needs?|goes|go|went|poses?|lacks?|fails?"
    ),
    deadline=_words(
        r"(?:by|before|until|no\s+later\s+than|due:?|within|deadline:)\s+(?:the\s+)?(?:end\s+of\s+(?:the\s+)?\w+|next\s+\w+|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|"
        r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?:\s+\d{1,2}(?:st|nd|rd|th)?)?|week\s+\d+|noon|tomorrow|tonight|easter|christmas|\d{1,2}[.:]\d\d|\w+\s+(?:days|weeks|hours|months))|"
        r"tomorrow(?:\s+\w+)?|today|tonight|this\s+(?:afternoon|morning|evening|week)|next\s+(?:week|month|meeting)"
    ),
)

RULES = {"sv": _SV, "en": _EN}

_SV_WORDS = _words(
    r"och|att|det|som|är|inte|på|för|med|av|vi|jag|till|den|har|ett|en|om|ska|kan|nu|allt|alla|utan|eller|finns|blir|ej|från|beslut|klart|ingen|inga|nej|ni|du|så|när|hur|vad|vem|enligt|mot|testat|redo|risk\s+för|ärendet|nämnden"
)
_EN_WORDS = _words(
    r"the|and|that|is|are|not|of|to|we|it|with|this|have|has|be|was|were|will|or|by|from|which|who|what|how|you|they|all|if|our|been|does|no|an|decided|ready|at|on|everything|tested|i'm|it's|we're|don't"
)


_SV_ENDS = re.compile(
    r"\w{2,}(?:erna|arna|orna|ande|ade|igt|isk|het|ning|aren|lar|tar|rar|nar|ker|ser|ler|en|et|na)(?!\w)"
)
_EN_ENDS = re.compile(r"\w{2,}(?:ing|tion|ions|ed|ly|ness|ment|ers|ity|ous|ble|ies|ght|ck|th)(?!\w)|\w+'\w+")


def language_of(low: str, *, otherwise: str = "") -> str:
    """The language of a text in lower case, by its small words; `otherwise` where they don't say.

    >>> language_of("vi är inte redo"), language_of("we are not ready"), language_of("42")
    ('sv', 'en', '')
    """
    head = low[:4000]
    swedish = len(_SV_WORDS.findall(head)) + (2 if re.search(r"[åäö]", head) else 0)
    english = len(_EN_WORDS.findall(head))
    if swedish == english:  # by the ends of the long words, then
        swedish, english = len(_SV_ENDS.findall(head)), len(_EN_ENDS.findall(head))
    if swedish == english:
        return otherwise
    return "sv" if swedish > english else "en"


def comma_part(low: str, start: int, end: int) -> tuple[int, int]:
    """The stretch between commas, colons and dashes that holds `start:end`."""
    begin = max(low.rfind(mark, 0, start) for mark in (", ", ": ", " – ", " (")) + 1
    stops = [at for at in (low.find(mark, end) for mark in (", ", ": ", " – ", ")")) if at >= 0]
    return begin, min(stops, default=len(low))


def negator(low: str, start: int, end: int, rules: Rules, *, own: bool = False, plainly: bool = False) -> str:
    """The word that negates what stands at `start:end`; empty where there is none.

    Before the words it reaches from the last comma or new clause; after them it reaches to the next clause, and with `plainly`, for
    words that are bad in themselves, only a true negation counts ("lack" is none), after them only as the next word.
    `own`: negations inside the words belong to them.
    """
    begin, stop = comma_part(low, start, end)
    calm = [
        m.span()
        for m in rules.harmless.finditer(low, begin, stop)
        if not (plainly and m[0].startswith("without"))
    ]
    clauses = [found.start() for found in rules.new_clause.finditer(low, begin, stop)]
    left = max((at for at in clauses if at < start), default=begin)
    right = min((at for at in clauses if at >= end), default=stop)
    for found in (rules.plain if plainly else rules.negators).finditer(low, begin, stop):
        inside = start <= found.start() and found.end() <= end
        if (inside and own) or any(a <= found.start() < b for a, b in calm):
            continue
        if inside:
            return found[0]
        if plainly and (rules.conditions.search(low, begin, found.start()) or rules.asking.match(low, begin)):
            continue  # "if the certificate is not renewed, everything stops"
        if plainly and rules.conditions.search(low, found.end(), start):
            continue  # "we notice nothing until it is too late"
        if found.start() < start:
            if found.start() >= left or re.match(
                r"(?:\s+\S+){0,4}?\s+(?:att|that)\b", low[found.end() : start]
            ):
                return found[0]
        elif own and not plainly and not rules.plain.match(low, found.start()):
            continue  # after words that hold their own negation only a true one counts
        elif found.start() < (min(right, end + 2) if plainly else right):
            return found[0]
    return ""


def attributed(low: str, rules: Rules) -> str:
    """Who or what a statement is laid to, as written; empty where it is the writer's own.

    >>> attributed("leverantören uppger att allt är klart", RULES["sv"])
    'leverantören uppger'
    >>> attributed("vi kan bekräfta att allt är klart", RULES["sv"])
    ''
    """
    found = rules.according.search(low)
    if found:
        return found[0]
    found = rules.passive_reports.search(low)
    if found:
        return found[0]
    for found in rules.reports.finditer(low):
        before, after = low[max(0, found.start() - 40) : found.start()], low[found.end() : found.end() + 20]
        if re.match(r"\s+(?:härmed|hereby)\b", after) or before.endswith(("hereby ", "härmed ")):
            continue  # a performative: whoever confirms does so in these words
        if rules.own_reports.search(before) or (
            re.match(r"\s+(?:jag|vi)\b", after)
            and re.search(r"(?:^|[,:]|\b(?:då|så|nu|därför|det|härmed|alltså))\s*$", before)
        ):
            continue
        if before.endswith("rest ") or _no_report(found[0], before, after):
            continue
        if re.search(
            r"\b(?:is|are|be|been|was|were|'s|'re|rest|är|blev)\s+(?:\w+\s+)?$", before
        ) and not re.match(r"\s+(?:that|to|by|us|att)\b", after):
            continue  # "patient safety is assured"
        subject = re.search(r"((?:[\w-]+\s+){0,2})$", before)
        return f"{subject[1] if subject else ''}{found[0]}".strip()
    return ""


def _no_report(word: str, before: str, after: str) -> bool:
    """Whether a word of saying reports nothing: "the earlier reported fault", "nobody has reported any trouble"."""
    if re.search(r"\b(?:can|must|should|may|could)\s+(?:\w+\s+)?be\s+$", before):
        return True
    if re.search(
        r"\b(?:nobody|no\s+one|none|ingen|inga\s+\w+|no\s+\w+)\s+(?:har|has|have|was|were|is)?\s*(?:ever\s+|yet\s+|been\s+)?$",
        before,
    ):
        return True
    if word.endswith(("ade", "da", "na", "ed")) and re.search(
        r"\b(?:den|det|de|alla|samtliga|tidigare|nyligen|the|all|any|every|previously|earlier)\s+(?:tidigare\s+|earlier\s+|previously\s+)?$",
        before,
    ):
        return True
    return word == "reported" and bool(
        re.match(r"\s+(?:earlier|previously|last|in|on|by|during|yesterday)\b(?!\s+that)", after)
    )


_THAT = re.compile(
    r"(?<!\w)(?:that(?!\s+(?:is|was|has|one|hole)\b)|att(?!\s+(?!(?:alla|samtliga|dessa|våra|era|båda|hela|inga|flera|nya|sista)\b)\w+a\b))\s"
)


def doubtful_matrix(low: str, start: int, rules: Rules) -> str:
    """What an affirmation at `start` hangs on, where that vouches for nothing: "I am sceptical that", "ett under att".

    >>> doubtful_matrix("ett under att det fungerar", 18, RULES["sv"])
    'ett under att'
    """
    doubt = rules.doubts.search(low, 0, start + 5)
    if doubt:
        return doubt[0].strip()
    begin, _ = comma_part(low, start, start)
    found = max(_THAT.finditer(low, begin, start + 5), key=re.Match.start, default=None)
    if (
        found is None
        or rules.matrix.search(low[begin : found.start()])
        or not low[begin : found.start()].strip()
    ):
        return ""
    return low[begin : found.end()].strip(" ,:")


def said_before(low: str, rules: Rules) -> str:
    """The words that put the statement into the past; empty where none do."""
    found = rules.past.search(low)
    return found[0] if found else ""
