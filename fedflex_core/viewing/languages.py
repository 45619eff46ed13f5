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
    "PART_WORDS",
    "SEASON_WORDS",
    "TRAILER_WORDS",
]

SEASON_WORDS = (
    "Season", "Series",  # en
    "Temporada", "Serie",  # es, pt, it
    "Saison", "Série",  # fr, cs
    "Seizoen", "Sezon", "Seri",  # nl, pl, tr
    "Sæson", "Sesong", "Säsong", "Kausi",  # da, no, sv, fi
    "Staffel", "Stagione", "Sezonul", "Sezona", "Évad",  # de, it, ro, hr, hu
    "Řada", "Sezóna", "Séria",  # cs, sk
    "シーズン", "シリーズ", "시즌", "季",  # ja, ko, zh
)  # fmt: skip
"""Words that, with a number, can only mean a season."""

PART_WORDS = (
    "Part", "Volume", "Vol", "Book", "Collection",  # en
    "Parte", "Libro", "Volumen", "Colección", "Livro", "Coleção",  # es, pt, it
    "Partie", "Livre",  # fr
    "Deel", "Boek", "Teil", "Buch", "Band",  # nl, de
    "Część", "Księga", "Tom", "Kısım", "Kitap", "Část", "Časť", "Kniha",  # pl, tr, cs, sk
    "Del", "Bog", "Bind", "Bok", "Osa", "Rész", "Partea", "Cartea",  # da, no, sv, fi, hu, ro
    "パート", "파트", "部",  # ja, ko, zh
)  # fmt: skip
"""Words that, with a number, mean a season in a series and a sequel in a film."""

CHAPTER_WORDS = (
    "Chapter", "Capítulo", "Chapitre", "Hoofdstuk", "Rozdział", "Kapitel", "Kap", "Kapittel",
    "Kapitola", "Capitolo", "Capitolul", "Fejezet", "Luku", "Kısmı", "章",
)  # fmt: skip
"""Words that, with a number, mean a season, an episode or a film's sequel: the file decides."""

LIMITED_SERIES = (
    "Limited Series", "Miniseries", "Mini-Series", "Mini Series",
    "Miniserie", "Minissérie", "Mini-série", "Minisérie", "Miniserial", "Mini Dizi",
    "Minisorozat", "Minisarja", "Miniséria", "リミテッドシリーズ", "리미티드 시리즈", "迷你剧",
)  # fmt: skip

EPISODE_WORDS = (
    "Episode", "Episodio", "Episódio", "Épisode", "Aflevering", "Odcinek", "Bölüm", "Folge",
    "Afsnit", "Avsnitt", "Jakso", "Epizoda", "Epizód", "Díl", "Episodul", "Puntata",
    "エピソード", "에피소드", "話", "集", "화",
)  # fmt: skip

TRAILER_WORDS = (
    "Trailer", "Tráiler", "Teaser", "Zwiastun", "Zapowiedź", "Bande-annonce", "Fragman",
    "Upoutávka", "Traileri", "Előzetes", "予告編", "予告", "예고편", "预告", "預告",
    "Date Announcement",
)  # fmt: skip
"""Words that, anywhere in brackets behind a title, tell of a trailer."""

CLIP_WORDS = (
    "Clip", "Hook", "Recap", "Promo", "Sneak Peek", "Featurette", "Extrait", "Extracto",
    "Avance", "Vorschau", "Aankondiging", "Voorproefje", "Zajawka", "Tanıtım",
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
et to tre fire fem seks syv otte ni ti
ett två tre fyra fem sex sju åtta nio tio
i ii iii iv v vi vii viii ix x xi xii xiii xiv xv
一 二 三 四 五 六 七 八 九 十 十一 十二
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth \
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first \
twenty-second twenty-third twenty-fourth twenty-fifth
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
"""

MONTHS: tuple[tuple[str, ...], ...] = tuple(
    tuple(line.split()) for line in _MONTH_NAMES.strip().splitlines()
)
"""Twelve names a language; exports shorten them to three letters or more."""
