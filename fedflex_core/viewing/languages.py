"""The words that viewing-history exports use, in the languages their readers speak.

Only tables live here; `titles` and `dates` say how the words are used. A word that is missing costs
little: the title is then read as a film and the catalogue may still recognise it.
"""

__all__ = [
    "CHAPTER_WORDS",
    "CLIP_WORDS",
    "EPISODE_WORDS",
    "LIMITED_SERIES",
    "MONTHS",
    "NUMBER_WORDS",
    "OFFICIAL_WORDS",
    "PART_WORDS",
    "SEASON_WORDS",
    "SPECIALS",
    "TRAILER_WORDS",
]

SEASON_WORDS = (
    "Season", "Series",  # en
    "Temporada", "Serie", "Denboraldia",  # es, pt, ca, gl, it, eu
    "Saison", "Série", "Seizoen", "Staffel", "Stagione",  # fr, cs, nl, de, it
    "Sæson", "Sesong", "Säsong", "Kausi", "Tuotantokausi", "Þáttaröð",  # da, no, sv, fi, is
    "Sezon", "Seri", "Sezonul", "Sezona", "Évad", "Seria",  # pl, tr, ro, hr, sr, sl, hu
    "Řada", "Sezóna", "Séria", "Sezonas", "Hooaeg",  # cs, sk, lt, et
    "Сезон", "Сезона", "Σεζόν", "Κύκλος", "Περίοδος",  # ru, uk, bg, sr, el
    "עונה", "الموسم", "موسم", "فصل",  # he, ar, fa
    "ซีซั่น", "ซีซัน", "ซีซั่นที่", "ซีซันที่", "Mùa", "Musim", "सीज़न",  # th, vi, id, ms, hi
    "シーズン", "シリーズ", "期", "시즌", "季",  # ja, ko, zh
)  # fmt: skip
"""Words that, with a number, can only mean a season."""

PART_WORDS = (
    "Part", "Volume", "Vol", "Book", "Collection", "Year",  # en
    "Parte", "Libro", "Volumen", "Colección", "Livro", "Coleção", "Tomo", "Año", "Ano",  # es, pt, it
    "Llibre", "Volum", "Col·lecció",  # ca
    "Collezione", "Raccolta", "Partie", "Livre", "Tome",  # it, fr
    "Deel", "Boek", "Collectie", "Teil", "Buch", "Band", "Kollektion", "Sammlung",  # nl, de
    "Część", "Księga", "Tom", "Kolekcja", "Kısım", "Kitap", "Cilt", "Koleksiyon",  # pl, tr
    "Část", "Kniha", "Svazek", "Kolekce", "Časť", "Zväzok", "Kolekcia",  # cs, sk
    "Del", "Bog", "Bind", "Bok", "Volym", "Samling", "Kollektion",  # da, no, sv
    "Osa", "Kirja", "Kokoelma", "Rész", "Könyv", "Kötet", "Gyűjtemény", "Kollekció",  # fi, hu
    "Partea", "Cartea", "Volumul", "Colecția",  # ro
    "Dio", "Knjiga", "Svezak", "Kolekcija", "Zbirka",  # hr, sr, sl
    "Часть", "Книга", "Том", "Коллекция", "Частина", "Колекція", "Част", "Део",  # ru, uk, bg, sr
    "Μέρος", "Βιβλίο", "Τόμος", "Συλλογή",  # el
    "חלק", "ספר", "כרך", "الجزء", "جزء", "الكتاب", "المجلد",  # he, ar
    "ภาค", "ภาคที่", "พาร์ท", "ส่วนที่", "เล่ม", "Phần", "Quyển",  # th, vi
    "Bagian", "Buku", "Jilid", "Koleksi", "भाग",  # id, ms, hi
    "パート", "ボリューム", "ブック", "コレクション", "巻",  # ja
    "파트", "볼륨", "북", "컬렉션", "부", "권",  # ko
    "部", "部分", "卷", "册", "冊", "辑", "輯", "合集",  # zh
)  # fmt: skip
"""Words that, with a number, mean a season in a series and a sequel in a film."""

CHAPTER_WORDS = (
    "Chapter", "Capítulo", "Capítol", "Chapitre", "Capitolo", "Capitolul",  # en, es, pt, ca, fr, it, ro
    "Hoofdstuk", "Kapitel", "Kap", "Kapittel", "Luku", "Fejezet",  # nl, de, da, sv, no, fi, hu
    "Rozdział", "Kapitola", "Poglavlje", "Kısmı", "Bölüm",  # pl, cs, sk, hr, tr
    "Глава", "Розділ", "Поглавље", "Κεφάλαιο",  # ru, bg, uk, sr, el
    "บทที่", "บท", "Chương", "Bab", "チャプター", "챕터", "장", "章",  # th, vi, id, ja, ko, zh
)  # fmt: skip
"""Words that, with a number, mean a season, an episode or a film's sequel: the file decides."""

LIMITED_SERIES = (
    "Limited Series", "Miniseries", "Mini-Series", "Mini Series",
    "Miniserie", "Mini-serie", "Minissérie", "Mini-série", "Minisérie", "Minisèrie",
    "Serie limitada", "Série limitada", "Série limitée", "Serie limitata", "Serie limitată",
    "Gelimiteerde serie", "Beperkte serie", "Begränsad serie", "Begrenset serie",
    "Miniserial", "Mini-serial", "Mini serial", "Serial limitowany", "Mini Dizi", "Sınırlı Dizi",
    "Miniseriál", "Miniséria", "Limitovaný seriál", "Minisorozat", "Minisarja",
    "Mini-serija", "Miniserija", "Minisērija", "Μίνι σειρά", "Μίνι-σειρά",
    "Мини-сериал", "Мінісеріал", "Міні-серіал", "Минисериал",
    "מיני-סדרה", "מיני סדרה", "مسلسل قصير", "مسلسل محدود", "มินิซีรีส์", "ลิมิเต็ดซีรีส์",
    "Phim ngắn tập", "Loạt phim giới hạn", "Miniseri", "Serial Terbatas", "Seri Terbatas",
    "リミテッドシリーズ", "ミニシリーズ", "リミテッド・シリーズ", "리미티드 시리즈", "미니시리즈",
    "迷你剧", "迷你劇", "迷你剧集", "迷你影集", "限定剧", "限定剧集", "限定影集", "短剧",
)  # fmt: skip

SPECIALS = (
    "Specials", "The Specials", "Christmas Specials", "Holiday Specials", "Especiales", "Especiais",
    "Épisodes spéciaux", "Spéciaux", "Specjalne", "Odcinki specjalne", "Episodi speciali",
    "Speciali", "Erikoisjaksot", "Özel Bölümler", "Speciály", "Különkiadások", "Specialer",
    "Spesialer", "Спецвыпуски", "スペシャル", "스페셜", "特别篇", "特別篇",
)  # fmt: skip
"""What stands in a season's place before episodes that are of none."""

EPISODE_WORDS = (
    "Episode", "Ep", "Episodio", "Episódio", "Episodi", "Épisode", "Aflevering",  # en, es, pt, ca, fr, nl
    "Folge", "Puntata", "Afsnit", "Avsnitt", "Jakso",  # de, it, da, sv, no, fi
    "Odcinek", "Bölüm", "Díl", "Diel", "Epizoda", "Epizód", "Episodul",  # pl, tr, cs, sk, hr, hu, ro
    "Эпизод", "Серия", "Епізод", "Серія", "Епизод", "Епизода", "Επεισόδιο",  # ru, uk, bg, sr, el
    "פרק", "الحلقة", "حلقة", "ตอนที่", "ตอน", "Tập", "एपिसोड",  # he, ar, th, vi, hi
    "エピソード", "話", "回", "에피소드", "화", "회", "集",  # ja, ko, zh
)  # fmt: skip

TRAILER_WORDS = (
    "Trailer", "Tráiler", "Tràiler", "Teaser", "Zwiastun", "Zapowiedź", "Bande-annonce",
    "Bande annonce", "Fragman", "Fragmanı", "Upoutávka", "Traileri", "Trailerul", "Előzetes", "Ízelítő",
    "Najava", "Трейлер", "Тизер", "Тізер", "Τρέιλερ", "טריילר", "إعلان", "ตัวอย่าง",
    "予告編", "予告", "特報", "ティーザー", "예고편", "예고", "티저", "预告", "預告", "预告片", "預告片",
    "Date Announcement",
)  # fmt: skip
"""Words that, anywhere in brackets behind a title, tell of a trailer."""

OFFICIAL_WORDS = (
    "official", "final", "main", "new", "first", "teaser",
    "oficial", "nuevo", "novo", "principal", "principale", "final", "finale", "ufficiale",
    "officiel", "officielle", "VF", "VOSTFR", "offizieller", "officiële", "oficjalny",
    "officiell", "offisiell", "virallinen", "oficiální", "hivatalos", "resmi", "ana", "službena",
    "официальный", "офіційний", "επίσημο", "公式", "공식", "메인", "官方", "正式", "Netflix",
)  # fmt: skip
"""Words that go with a trailer: it is the official one, the last, the French one."""

CLIP_WORDS = (
    "Clip", "Klip", "Klipp", "Hook", "Recap", "Promo", "Sneak Peek", "Featurette", "Bloopers",
    "Behind the Scenes", "Extrait", "Extracto", "Avance", "Resumen", "Resumo", "Résumé", "Riassunto",
    "Vorschau", "Rückblick", "Aankondiging", "Voorproefje", "Samenvatting", "Zajawka",
    "Streszczenie", "Tanıtım", "Özet", "Ukázka", "Shrnutí", "Összefoglaló",
    "Sammanfattning", "Sammendrag", "クリップ", "클립", "片段",
)  # fmt: skip
"""Words that, alone in brackets behind a title, tell of a clip."""

_NUMBERS = """
one two three four five six seven eight nine ten eleven twelve
uno dos tres cuatro cinco seis siete ocho nueve diez
um dois três quatro cinco seis sete oito nove dez
un deux trois quatre cinq six sept huit neuf dix
une deux trois quatre cinq six sept huit neuf dix
eins zwei drei vier fünf sechs sieben acht neun zehn
uno due tre quattro cinque sei sette otto nove dieci
een twee drie vier vijf zes zeven acht negen tien
één twee drie vier vijf zes zeven acht negen tien
jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć
bir iki üç dört beş altı yedi sekiz dokuz on
et to tre fire fem seks syv otte ni ti
én to tre fire fem seks sju åtte ni ti
ett två tre fyra fem sex sju åtta nio tio
yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen
jedna dvě tři čtyři pět šest sedm osm devět deset
jeden dva tři čtyři pět šest sedm osm devět deset
egy kettő három négy öt hat hét nyolc kilenc tíz
unu doi trei patru cinci șase șapte opt nouă zece
jedan dva tri četiri pet šest sedam osam devet deset
один два три четыре пять шесть семь восемь девять десять
один два три чотири п'ять шість сім вісім дев'ять десять
ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα
i ii iii iv v vi vii viii ix x xi xii xiii xiv xv
一 二 三 四 五 六 七 八 九 十 十一 十二
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth \
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first \
twenty-second twenty-third twenty-fourth twenty-fifth
primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo
primera segunda tercera cuarta quinta sexta séptima octava novena décima
primer segundo tercer
primeiro segundo terceiro quarto quinto sexto sétimo oitavo nono décimo
primeira segunda terceira quarta quinta sexta sétima oitava nona décima
premier deuxième troisième quatrième cinquième sixième septième huitième neuvième dixième
première seconde troisième
erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte
erster zweiter dritter vierter fünfter sechster
erstes zweites drittes viertes fünftes sechstes
primo secondo terzo quarto quinto sesto settimo ottavo nono decimo
prima seconda terza quarta quinta sesta settima ottava nona decima
eerste tweede derde vierde vijfde zesde zevende achtste negende tiende
pierwszy drugi trzeci czwarty piąty szósty siódmy ósmy dziewiąty dziesiąty
pierwsza druga trzecia czwarta piąta szósta siódma ósma dziewiąta dziesiąta
birinci ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu
ilk
første anden tredje fjerde femte sjette syvende ottende niende tiende
første andre tredje fjerde femte sjette sjuende åttende niende tiende
första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde
ensimmäinen toinen kolmas neljäs viides kuudes seitsemäs kahdeksas yhdeksäs kymmenes
první druhá třetí čtvrtá pátá šestá sedmá osmá devátá desátá
první druhý třetí čtvrtý pátý šestý sedmý osmý devátý desátý
első második harmadik negyedik ötödik hatodik hetedik nyolcadik kilencedik tizedik
întâi doua treia patra cincea șasea
prvi drugi treći četvrti peti šesti sedmi osmi deveti deseti
prva druga treća četvrta peta šesta sedma osma deveta deseta
первый второй третий четвертый пятый шестой седьмой восьмой девятый десятый
первая вторая третья четвертая пятая шестая седьмая восьмая девятая десятая
перший другий третій четвертий п'ятий шостий
перша друга третя четверта п'ята шоста
πρώτος δεύτερος τρίτος τέταρτος πέμπτος έκτος
πρώτη δεύτερη τρίτη τέταρτη πέμπτη έκτη
πρώτο δεύτερο τρίτο τέταρτο πέμπτο έκτο
الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر
الأولى الثانية الثالثة الرابعة الخامسة السادسة
ראשונה שנייה שלישית רביעית חמישית שישית
ראשון שני שלישי רביעי חמישי שישי
"""

NUMBER_WORDS: dict[str, int] = {
    word: value
    for line in _NUMBERS.strip().splitlines()
    for value, word in enumerate(line.split(), start=1)
}
"""Numbers spelled out, in lower case, and Roman numerals."""

_MONTH_NAMES = """
january february march april may june july august september october november december
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
januar februar märz april mai juni juli august september oktober november dezember
jänner feber mrz april mai juni juli august september oktober november dezember
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
januari februari maart april mei juni juli augustus september oktober november december
januari februari mrt april mei juni juli augustus september oktober november december
januar februar marts april maj juni juli august september oktober november december
januar februar mars april mai juni juli august september oktober november desember
januari februari mars april maj juni juli augusti september oktober november december
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
leden únor březen duben květen červen červenec srpen září říjen listopad prosinec
ledna února března dubna května června července srpna září října listopadu prosince
led úno bře dub kvě čvn čvc srp zář říj lis pro
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu \
joulukuu
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta \
lokakuuta marraskuuta joulukuuta
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
január február marec apríl máj jún júl august september október november december
januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
siječanj veljača ožujak travanj svibanj lipanj srpanj kolovoz rujan listopad studeni prosinac
siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
januar februar mart april maj jun jul avgust septembar oktobar novembar decembar
januar februar marec april maj junij julij avgust september oktober november december
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
януари февруари март април май юни юли август септември октомври ноември декември
ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος \
νοέμβριος δεκέμβριος
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου \
νοεμβρίου δεκεμβρίου
januari februari maret april mei juni juli agustus september oktober november desember
jan feb mar apr mei jun jul agt sep okt nov des
januari februari mac april mei jun julai ogos september oktober november disember
มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม
ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.
ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר
בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
"""

MONTHS: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.split()) for line in _MONTH_NAMES.strip().splitlines()
)
"""Twelve names a language; exports shorten them to three letters or more."""
