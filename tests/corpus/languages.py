"""How Netflix writes a title in each language: markers, closings, films, and episodes made up.

Names of episodes are made up; the words around them are those of each language's exports.
"""

from dataclasses import dataclass

__all__ = ["LANGUAGES", "Language"]

_NB = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Language:
    """One language of the corpus.

    Attributes:
        markers: What stands between a series and its episode, by kind; `{n}` is the season.
        numbered: The name of an episode that has none of its own.
        closing: What some exports put behind an episode's name, or "".
        clips: Ends of titles that tell of a trailer or a clip.
        colon: What stands between the parts of a title.
        episodes: Names of episodes.
        films: Titles of films.
        unknown: Series that no catalogue has.
    """

    markers: dict[str, str]
    numbered: str
    closing: str
    clips: tuple[str, ...]
    episodes: tuple[str, ...]
    films: tuple[str, ...]
    unknown: tuple[str, ...]
    colon: str = ": "


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


LANGUAGES = {
    "en": Language(
        {
            "season": "Season {n}", "part": "Part {n}", "limited": "Limited Series",
            "limited?": "Limited Series?", "volume": "Volume {n}", "vol": "Vol. {n}",
            "series": "Series {n}", "book": "Book {n}", "chapter": "Chapter {n}",
            "collection": "Collection {n}", "half": "Season {n}B", "remix": "Season {n} Remix",
            "channel": "Season {n} (Channel 4)", "two-part": "Season {n} - Part 2",
            "spelled": "Part Two",
        },
        "Episode {n}", "Episode {n}", 
        ("Season 3 (Trailer)", "Season 1_hook_02_16x9", "Season 1 (Clip)", "Season 2 TEXTLESS"),
        _lines("""
            Pilot
            The Long Way Home
            What Did You Do, Walter?
            Tape 1, Side A
            Chapter One: The Lighthouse
            The One with the "Borrowed" Boat
            Don't Look Back
            Part 2
            Sundown: A Prelude
            3:10 to Nowhere
            A Time for Rain (Part 1)
            Salt & Vinegar
            #notmyproblem
            Who's Afraid of Uncle Bob?
            Trailer Home
            The Final Clip
        """),
        _lines("""
            Okja
            The Witcher: Nightmare of the Wolf
            Unbreakable Kimmy Schmidt: Kimmy vs. the Reverend
            Money Heist: The Phenomenon
            The Hunger Games: Catching Fire
            The Hunger Games: Mockingjay - Part 1
            Indiana Jones: The Final Quest
            Sherlock: The Abominable Bride
            John Wick: Chapter 2
            John Wick: Chapter 3 - Parabellum
            Harry Potter and the Deathly Hallows: Part 2
            The Lord of the Rings: The Two Towers
            Mission: Impossible - Fallout
            Black Mirror: Bandersnatch
            Rebel Moon - Part One: A Child of Fire
            Kill Bill: Vol. 2
            Spider-Man: Into the Spider-Verse
            Star Wars: Episode IV - A New Hope
            Enola Holmes 2
            2:22
        """),
        _lines("""
            Dark Meridian
            Lost Harbour
            Saltmarsh Lane @none
            The Crown Street Surgery
            Harbour Street: After Hours
            Selena: The Series @part
            Elite Short Stories: Nadia Guzmán @limited
            Monster @chapters
        """),
    ),
    "es": Language(
        {
            "season": "Temporada {n}", "part": "Parte {n}", "limited": "Miniserie",
            "volume": "Volumen {n}", "book": "Libro {n}", "series": "Serie {n}",
            "collection": "Colección {n}", "chapter": "Capítulo {n}",
            "two-part": "Temporada {n} (Parte 2)",
        },
        "Episodio {n}", "Episodio {n}", ("Temporada 3 (Tráiler)",),
        _lines("""
            Piloto
            Efectuar lo pactado
            ¿Dónde está Inés?
            Bienvenidos a la isla
            Capítulo 1: El faro
            La noche más larga, otra vez
            Se acabó lo que se daba
            Todo por un "sí"
            Adiós, mi niño
            El día de la Candelaria
            Avance
            El ángel de la guarda
        """),
        _lines("""
            El hoyo
            La casa de papel: El fenómeno
            The Witcher: La pesadilla del lobo
            Los juegos del hambre: En llamas
            Piratas del Caribe: El cofre del hombre muerto
            Piratas del Caribe: En el fin del mundo
            Piratas del Caribe: La maldición de la Perla Negra
            John Wick: Capítulo 4
            Harry Potter y las reliquias de la Muerte: Parte 2
            El señor de los anillos: Las dos torres
            Misión: Imposible - Fallout
            El Camino: Una película de Breaking Bad
            Roma
            La sociedad de la nieve
        """),
        _lines("""
            La Casa del Faro
            Vecinos del quinto @none
            Los herederos del viento: La serie
            El reino perdido
        """),
    ),
    "pt": Language(
        {
            "season": "Temporada {n}", "ordinal": "{n}ª temporada", "part": "Parte {n}",
            "limited": "Minissérie", "volume": "Volume {n}", "book": "Livro {n}",
            "collection": "Coleção {n}", "chapter": "Capítulo {n}",
        },
        "Episódio {n}", "Episódio {n}", ("Temporada 2 (Trailer)",),
        _lines("""
            Piloto
            Cubos
            O que será, será?
            A última ceia
            Capítulo 1: O farol
            Pão, circo e confusão
            Não me deixe só
            Saudade da minha terra
            Coração de mãe
            A revolução começa às 8h
            É "só" um beijo
            Tudo bem?
        """),
        _lines("""
            Tropa de Elite
            The Witcher: Lenda do Lobo
            La casa de papel: O Fenômeno
            Piratas do Caribe: O Baú da Morte
            Piratas do Caribe: No Fim do Mundo
            Velozes e Furiosos 5: Operação Rio
            John Wick: Um Novo Dia para Matar
            Harry Potter e as Relíquias da Morte: Parte 2
            O Senhor dos Anéis: As Duas Torres
            Missão: Impossível - Efeito Fallout
            Rebel Moon - Parte 1: A Menina do Fogo
            Ainda Estou Aqui
        """),
        _lines("""
            O Farol de Santa Rita
            Porto Velho @numbered
            Rua das Acácias: A Série
        """),
    ),
    "fr": Language(
        {
            "season": f"Saison{_NB}{{n}}", "part": f"Partie{_NB}{{n}}", "limited": "Mini-série",
            "volume": f"Volume{_NB}{{n}}", "book": f"Livre{_NB}{{n}}",
            "chapter": f"Chapitre{_NB}{{n}}", "collection": f"Collection{_NB}{{n}}",
        },
        "Épisode {n}", "Épisode {n}", (f"Saison{_NB}2 (Bande-annonce)",),
        _lines("""
            L'été en pente douce
            Chapitre 1
            Qui va là ?
            À cœur perdu
            La fille d'à côté, encore
            Vingt ans après
            L'œil du cyclone
            C'est l'heure !
            Le « grand » soir
            Où est passé Noël ?
            La dernière séance
        """),
        _lines("""
            Le Sens de la fête
            The Witcher : Le Cauchemar du Loup
            La casa de papel : Le phénomène
            Pirates des Caraïbes : Le Secret du coffre maudit
            Pirates des Caraïbes : Jusqu'au bout du monde
            Astérix & Obélix : Mission Cléopâtre
            Harry Potter et les reliques de la mort : 2ème partie
            Le Seigneur des anneaux : Les Deux Tours
            Mission : Impossible - Fallout
            OSS 117 : Rio ne répond plus
            Bac Nord
            Sans répit
        """),
        _lines("""
            La Maison du bout du quai
            Le Quai des ombres @numbered
            Les Héritiers de Bréhat : La série
        """),
        f"{_NB}: ",
    ),
    "de": Language(
        {
            "season": "Staffel {n}", "part": "Teil {n}", "limited": "Miniserie",
            "volume": "Volume {n}", "book": "Buch {n}", "chapter": "Kapitel {n}",
            "collection": "Kollektion {n}", "ordinal": "{n}. Staffel",
        },
        "Folge {n}", "Folge {n}", ("Staffel 3 (Trailer)",),
        _lines("""
            Geheimnisse
            Alles hat ein Ende
            Wer ist Jörg?
            Kapitel eins: Der Leuchtturm
            Süßes, sonst gibt's Saures
            Die Nacht, in der es schneite
            Zurück auf Anfang
            "Nur" ein Traum
            Mutter, Vater, Kind
            Der Fall Grübner
            Frohes Fest: Teil 1
        """),
        _lines("""
            Im Westen nichts Neues
            Haus des Geldes: Das Phänomen
            The Witcher: Nightmare of the Wolf
            Der Hobbit: Smaugs Einöde
            Der Hobbit: Die Schlacht der Fünf Heere
            Bibi & Tina: Tohuwabohu total
            John Wick: Kapitel 4
            Harry Potter und die Heiligtümer des Todes - Teil 2
            Der Herr der Ringe: Die zwei Türme
            Star Wars: Episode IV - Eine neue Hoffnung
            Die Tribute von Panem - Mockingjay: Teil 1
            Systemsprenger
        """),
        _lines("""
            Das Haus am Deich
            Hafenkante Süd @numbered
            Nordlicht: Die Erben
        """),
    ),
    "it": Language(
        {
            "season": "Stagione {n}", "part": "Parte {n}", "limited": "Miniserie",
            "volume": "Volume {n}", "book": "Libro {n}", "chapter": "Capitolo {n}",
            "collection": "Collezione {n}",
        },
        "Episodio {n}", "Episodio {n}", ("Stagione 2 (Trailer)",),
        _lines("""
            L'inizio della fine
            Chi è Tommaso?
            Perché no?
            Il faro
            Capitolo uno: La nebbia
            Una notte, a Ostia
            Addio, mia bella
            Così vicini, così lontani
            È "solo" un gioco
            La città che non c'era
        """),
        _lines("""
            È stata la mano di Dio
            La casa di carta: Il fenomeno
            The Witcher: Nightmare of the Wolf
            Pirati dei Caraibi: La maledizione del forziere fantasma
            Pirati dei Caraibi: Ai confini del mondo
            Harry Potter e i Doni della Morte: Parte II
            Il Signore degli Anelli: Le due torri
            Mission: Impossible - Fallout
            John Wick: Capitolo 2
            Sulla mia pelle
        """),
        _lines("""
            La casa sul molo
            Le figlie del vento: La serie
        """),
    ),
    "nl": Language(
        {
            "season": "Seizoen {n}", "part": "Deel {n}", "limited": "Miniserie",
            "volume": "Volume {n}", "book": "Boek {n}", "chapter": "Hoofdstuk {n}",
            "collection": "Collectie {n}",
        },
        "Aflevering {n}", "Aflevering {n}", ("Seizoen 2 (Trailer)",),
        _lines("""
            Thuis
            Wie is daar?
            De vuurtoren
            Hoofdstuk 1: Mist
            Zo gaat dat, jongen
            Eén voor allen
            De reünie
            's Nachts in Gent
            Vriend of "vijand"
            Zeeën van tijd
        """),
        _lines("""
            Zwartboek
            The Witcher: Nightmare of the Wolf
            Undercover: Ferry
            The Hobbit: The Desolation of Smaug
            John Wick: Chapter 2
            Harry Potter en de relieken van de dood: Deel 2
            The Lord of the Rings: The Two Towers
            De slag om de Schelde
            Mission: Impossible - Fallout
        """),
        _lines("""
            Het huis aan de dijk
            Kustwacht: De serie
        """),
    ),
    "pl": Language(
        {
            "season": "Sezon {n}", "part": "Część {n}", "limited": "Miniserial",
            "volume": "Tom {n}", "book": "Księga {n}", "chapter": "Rozdział {n}",
            "collection": "Kolekcja {n}",
        },
        "Odcinek {n}", "Odcinek {n}", ("Sezon 2 (zwiastun)",),
        _lines("""
            Bagno
            Kto tam?
            Latarnia morska
            Rozdział pierwszy: Mgła
            Źródło wszelkiego zła
            Ślub, którego nie było
            Więcej niż życie
            Noc Kupały
            Żółty "maluch"
            Początek końca
            Święta w Łodzi
        """),
        _lines("""
            Boże Ciało
            Wiedźmin: Zmora Wilka
            Dom z papieru: Fenomen
            Piraci z Karaibów: Skrzynia umarlaka
            Piraci z Karaibów: Na krańcu świata
            Hobbit: Pustkowie Smauga
            John Wick: Rozdział 4
            Harry Potter i Insygnia Śmierci: Część II
            Władca Pierścieni: Dwie wieże
            Zimna wojna
            Mission: Impossible - Fallout
        """),
        _lines("""
            Dom na wydmach
            Ulica Lipowa @numbered
            Dolina cieni: Początek
        """),
    ),
    "tr": Language(
        {
            "season": "{n}. Sezon", "part": "{n}. Kısım", "limited": "Mini Dizi",
            "series": "{n}. Seri", "half": "Sezon {n}B", "book": "{n}. Kitap",
            "volume": "{n}. Cilt", "chapter": "Kısım {n}", "collection": "Koleksiyon {n}",
        },
        "{n}. Bölüm", "Bölüm {n}", ("2. Sezon (Fragman)",),
        _lines("""
            Ayrılık
            Kim var orada?
            Deniz Feneri
            Birinci Gün: Sis
            Işıklar Söndüğünde
            Güneşin Çocukları
            Ağla Sevdam, Ağla
            İstanbul'da Son Gece
            Her Şey "Normal"
            Kış Uykusu
        """),
        _lines("""
            Yedinci Koğuştaki Mucize
            The Witcher: Kurdun Kabusu
            Karayip Korsanları: Ölü Adamın Sandığı
            Karayip Korsanları: Dünyanın Sonu
            Harry Potter ve Ölüm Yadigarları: Bölüm 2
            Yüzüklerin Efendisi: İki Kule
            John Wick: Bölüm 3 - Parabellum
            Görevimiz Tehlike: Yansımalar
            Star Wars: Bölüm IV - Yeni Bir Umut
        """),
        _lines("""
            Kıyıdaki Ev
            Kara Liman @numbered
            Rüzgarın Kızları: Başlangıç
        """),
    ),
    "da": Language(
        {
            "season": "Sæson {n}", "part": "Del {n}", "limited": "Miniserie",
            "volume": "Bind {n}", "book": "Bog {n}", "chapter": "Kapitel {n}",
            "collection": "Samling {n}",
        },
        "Afsnit {n}", "Afsnit {n}", ("Sæson 2 (Trailer)",),
        _lines("""
            Fyrtårnet
            Hvem er Søren?
            Kapitel et: Tågen
            Ærlighed varer længst
            Bådens sidste tur, igen
            På den anden side
            Blå time
            "Bare" en drøm
            Året der gik
        """),
        _lines("""
            Druk
            Papirhuset: Fænomenet
            Borgen: Bag kulisserne
            John Wick: Chapter 2
            Harry Potter og dødsregalierne: Del 2
            Ringenes Herre: De to tårne
            Jagten
        """),
        _lines("""
            Huset ved havnen
            Klitten @none
            Nordlys: Arven
        """),
    ),
    "sv": Language(
        {
            "season": "Säsong {n}", "part": "Del {n}", "limited": "Miniserie",
            "volume": "Volym {n}", "book": "Bok {n}", "chapter": "Kapitel {n}",
            "collection": "Samling {n}",
        },
        "Avsnitt {n}", "Avsnitt {n}", ("Säsong 2 (Trailer)",),
        _lines("""
            Fyren
            Vem är Åke?
            Kapitel ett: Dimman
            Ända in i mörkret
            Öga för öga, igen
            Tillbaka på ön
            "Bara" en lek
            Året som gick
            Dagen efter
        """),
        _lines("""
            En man som heter Ove
            Young Royals: Forever
            The Witcher: Nightmare of the Wolf
            Harry Potter och dödsrelikerna: Del 2
            Sagan om de två tornen
            John Wick: Chapter 2
            Tunna blå linjen - Filmen
        """),
        _lines("""
            Huset vid hamnen
            Norrsken: Arvet
        """),
    ),
    "no": Language(
        {
            "season": "Sesong {n}", "part": "Del {n}", "limited": "Miniserie",
            "volume": "Volum {n}", "book": "Bok {n}", "chapter": "Kapittel {n}",
            "collection": "Samling {n}",
        },
        "Episode {n}", "Episode {n}", ("Sesong 2 (Trailer)",),
        _lines("""
            Fyret
            Hvem er Åse?
            Kapittel én: Tåken
            Ærlig talt
            Sjøens sang, igjen
            På den andre siden
            "Bare" en drøm
            Året som gikk
        """),
        _lines("""
            Troll
            The Witcher: Nightmare of the Wolf
            Ragnarok: Bak kulissene
            Harry Potter og dødstalismanene: Del 2
            Ringenes herre: To tårn
            John Wick: Chapter 2
        """),
        _lines("""
            Huset ved havna
            Nordlys: Arven etter far
        """),
    ),
    "fi": Language(
        {
            "season": "Kausi {n}", "part": "Osa {n}", "limited": "Minisarja",
            "book": "Kirja {n}", "chapter": "Luku {n}", "collection": "Kokoelma {n}",
        },
        "Jakso {n}", "Jakso {n}", ("Kausi 2 (traileri)",),
        _lines("""
            Majakka
            Kuka siellä?
            Luku yksi: Sumu
            Yö, joka ei päättynyt
            Äidin sydän
            Takaisin saarelle
            "Vain" unta
            Päivä kerrallaan
        """),
        _lines("""
            Tuntematon sotilas
            Sorjonen: Muraalimurhat
            The Witcher: Nightmare of the Wolf
            Harry Potter ja kuoleman varjelukset: Osa 2
            Taru sormusten herrasta: Kaksi tornia
            John Wick: Chapter 2
        """),
        _lines("""
            Talo rannalla
            Pohjoinen: Perintö
        """),
    ),
    "cs": Language(
        {
            "season": "{n}. řada", "part": "{n}. část", "limited": "Minisérie",
            "volume": "Svazek {n}", "book": "Kniha {n}", "chapter": "Kapitola {n}",
            "collection": "Kolekce {n}", "series": "Série {n}",
        },
        "{n}. díl", "{n}. díl", ("2. řada (upoutávka)",),
        _lines("""
            Maják
            Kdo je tam?
            Kapitola první: Mlha
            Řeka, která neteče
            Štěstí přeje připraveným
            Žádný učený z nebe nespadl
            Zpátky na začátku
            Jen "takový" sen
            Ďábel nosí boty
            Úplněk
        """),
        _lines("""
            Vlastníci
            Zaklínač: Noční můra vlka
            Hobit: Šmakova dračí poušť
            Hobit: Bitva pěti armád
            Harry Potter a Relikvie smrti: část 2
            Pán prstenů: Dvě věže
            John Wick: Kapitola 4
            Star Wars: Epizoda IV - Nová naděje
        """),
        _lines("""
            Dům u přehrady
            Dvůr @numbered
            Stíny: Návrat
        """),
    ),
    "hu": Language(
        {
            "season": "{n}. évad", "part": "{n}. rész", "limited": "Minisorozat",
            "volume": "{n}. kötet", "book": "{n}. könyv", "chapter": "{n}. fejezet",
            "collection": "{n}. gyűjtemény",
        },
        "{n}. epizód", "{n}. epizód", ("2. évad (előzetes)",),
        _lines("""
            A világítótorony
            Ki van ott?
            Első fejezet: Köd
            Őszi szél, megint
            Űr és idő
            Vissza a kezdetekhez
            Csak "egy" álom
            Az éjszaka gyermekei
        """),
        _lines("""
            Saul fia
            The Witcher: A farkas rémálma
            A hobbit: Smaug pusztasága
            Harry Potter és a Halál ereklyéi: 2. rész
            A Gyűrűk Ura: A két torony
            Star Wars: IV. rész - Egy új remény
            John Wick: 4. felvonás
        """),
        _lines("""
            Ház a tóparton
            Északi fény: Az örökség
        """),
    ),
    "ro": Language(
        {
            "season": "Sezonul {n}", "part": "Partea {n}", "limited": "Miniserie",
            "volume": "Volumul {n}", "book": "Cartea {n}", "chapter": "Capitolul {n}",
            "collection": "Colecția {n}",
        },
        "Episodul {n}", "Episodul {n}", ("Sezonul 2 (Trailer)",),
        _lines("""
            Farul
            Cine e acolo?
            Capitolul unu: Ceața
            Întoarcerea acasă
            Sfârșitul, din nou
            O zi „bună”
            Ține-mă aproape
            Văzut și plăcut
        """),
        _lines("""
            Colectiv
            The Witcher: Coșmarul lupului
            Vikings: Making Of
            Harry Potter și Talismanele Morții: Partea 2
            Stăpânul inelelor: Cele două turnuri
            John Wick: Capitolul 4
        """),
        _lines("""
            Casa de pe faleză
            Umbre: Moștenirea
        """),
    ),
    "ja": Language(
        {
            "season": "シーズン{n}", "series": "第{n}シリーズ", "part": "パート{n}",
            "limited": "リミテッドシリーズ", "volume": "ボリューム{n}", "book": "ブック{n}",
            "chapter": "チャプター{n}", "collection": "コレクション{n}",
        },
        "第{n}話", "エピソード{n}", ("シーズン2 (予告編)",),
        _lines("""
            灯台
            誰かいるの？
            第一章: 霧の中で
            さよなら、またあした
            真夜中のラーメン
            母の手紙
            「普通」の一日
            はじまりの終わり
        """),
        _lines("""
            君の名は。
            進撃の巨人: クロニクル
            ウィッチャー: 狼の悪夢
            ホビット: 竜に奪われた王国
            ハリー・ポッターと死の秘宝: PART2
            ロード・オブ・ザ・リング/二つの塔
            ミッション:インポッシブル/フォールアウト
            スター・ウォーズ: エピソード4/新たなる希望
        """),
        _lines("""
            灯台守の家
            風の娘たち: はじまり
        """),
    ),
    "ko": Language(
        {
            "season": "시즌 {n}", "part": "파트 {n}", "limited": "리미티드 시리즈",
            "volume": "볼륨 {n}", "book": "북 {n}", "chapter": "챕터 {n}",
            "collection": "컬렉션 {n}",
        },
        "{n}화", "{n}화", ("시즌 2 (예고편)",),
        _lines("""
            등대
            거기 누구 있어요?
            제1장: 안개
            안녕, 내일 또 만나
            한밤의 라면
            엄마의 편지
            "평범한" 하루
            끝의 시작
        """),
        _lines("""
            기생충
            킹덤: 아신전
            종이의 집: 현상
            호빗: 스마우그의 폐허
            해리 포터와 죽음의 성물: 2부
            반지의 제왕: 두 개의 탑
            신과함께: 죄와 벌
        """),
        _lines("""
            등대지기의 집
            바람의 딸들: 시작
        """),
    ),
    "zh": Language(
        {
            "season": "第{n}季", "spaced": "第 {n} 季", "part": "第{n}部", "limited": "迷你剧",
            "volume": "第{n}卷", "book": "第{n}册", "chapter": "第{n}章", "collection": "合集{n}",
        },
        "第{n}集", "第 {n} 集", ("第2季 (预告)",),
        _lines("""
            灯塔
            谁在那里？
            第一章：雾
            再见，明天
            深夜的面馆
            妈妈的信
            “普通”的一天
            结束的开始
        """),
        _lines("""
            卧虎藏龙
            The Witcher: Nightmare of the Wolf
            霍比特人：史矛革之战
            哈利·波特与死亡圣器：第2部分
            指环王：双塔奇兵
            流浪地球
        """),
        _lines("""
            守塔人的家
            风之女：序
        """),
    ),
}  # fmt: skip
