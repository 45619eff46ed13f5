"""What people of each language watch: the series' name in their language, and the catalogue's.

One a line: the name in the reader's language, `=` the catalogue's title where it is another one,
`@` the kind of season marker where it is not `season`.
"""

from typing import NamedTuple

__all__ = ["SERIES", "Known", "read_line"]


class Known(NamedTuple):
    """A series under its name in one language."""

    name: str
    title: str | None
    marker: str


def read_line(line: str, *, known: bool = True) -> Known:
    """One line of this file's lists.

    >>> read_line("Das Damengambit = The Queen's Gambit @limited")
    Known(name='Das Damengambit', title="The Queen's Gambit", marker='limited')
    """
    rest, _, marker = line.strip().partition(" @")
    name, _, title = rest.partition(" = ")
    return Known(name, (title or name) if known else None, marker or "season")


_LISTS = {
    "en": """
        Friends
        Grey's Anatomy
        The Office (U.S.)
        Breaking Bad
        Star Trek: Discovery
        Avatar: The Last Airbender @book
        Money Heist @part
        Stranger Things @own
        Monster: The Jeffrey Dahmer Story @limited?
        DAHMER: Monster: The Jeffrey Dahmer Story = Monster: The Jeffrey Dahmer Story @limited
        Love, Death & Robots @volume
        The Queen's Gambit @limited
        Chilling Adventures of Sabrina @part
        The Great British Baking Show @collection
        Peaky Blinders @series
        Unsolved Mysteries @volume
        Castlevania @chapter
        Explained @vol
        Voltron: Legendary Defender @half
        Arrested Development @remix
        Lovesick @channel
        Lucifer @two-part
        Trailer Park Boys
        How to Sell Drugs Online (Fast)
        ONE PIECE = One Piece @arc
        American Horror Story: Asylum = American Horror Story @none
        S.W.A.T.
        Formula 1: Drive to Survive
        13 Reasons Why
        Law & Order: Special Victims Unit
        Pablo Escobar, el patrón del mal @numbered
    """,
    "es": """
        La casa de papel = Money Heist @part
        Élite = Elite
        Gambito de dama = The Queen's Gambit @limited
        El juego del calamar = Squid Game
        Las chicas del cable = Cable Girls
        Anatomía de Grey = Grey's Anatomy
        Cómo conocí a vuestra madre = How I Met Your Mother
        Mentes criminales = Criminal Minds
        Vikingos = Vikings
        Expediente X = The X-Files
        Por trece razones = 13 Reasons Why
        El mundo oculto de Sabrina = Chilling Adventures of Sabrina @part
        La reina Carlota: Una historia de Los Bridgerton = Queen Charlotte: A Bridgerton Story @limited
        Buffy, cazavampiros = Buffy the Vampire Slayer
        Crónicas vampíricas = The Vampire Diaries
        Star Trek: La nueva generación = Star Trek: The Next Generation
        Avatar: La leyenda de Aang = Avatar: The Last Airbender @book
        Padre de familia = Family Guy
        Destino: La saga Winx = Fate: The Winx Saga
        Misterios sin resolver = Unsolved Mysteries @volume
        En pocas palabras = Explained @collection
        Sherlock @series
        Merlí @chapter
        La casa de las flores = The House of Flowers @two-part
        Stranger Things @own
        ¿Quién mató a Sara? = Who Killed Sara?
        Luis Miguel: La serie = Luis Miguel: The Series
        Café con aroma de mujer @numbered
    """,
    "pt": """
        La casa de papel = Money Heist @part
        Round 6 = Squid Game
        Elite
        O Gambito da Rainha = The Queen's Gambit @limited
        Stranger Things @own
        Os 13 Porquês = 13 Reasons Why
        O Mundo Sombrio de Sabrina = Chilling Adventures of Sabrina @part
        Bom Dia, Verônica = Good Morning, Verônica
        Cidade Invisível = Invisible City
        3%
        Coisa Mais Linda = Girls from Ipanema
        Arquivo X = The X-Files
        Big Bang: A Teoria = The Big Bang Theory @ordinal
        Como Eu Conheci Sua Mãe = How I Met Your Mother @ordinal
        Diários de um Vampiro = The Vampire Diaries
        Sobrenatural = Supernatural
        Wandinha = Wednesday
        S.W.A.T.: Força de Intervenção = S.W.A.T.
        ONE PIECE = One Piece @arc
        Dahmer: Um Canibal Americano = Monster: The Jeffrey Dahmer Story @limited
        Mentes Criminosas = Criminal Minds
        Avatar: A Lenda de Aang = Avatar: The Last Airbender @book
        Rainha das Lágrimas = Queen of Tears @limited
        Jornada nas Estrelas: A Nova Geração = Star Trek: The Next Generation
        Gilmore Girls: Tal Mãe, Tal Filha = Gilmore Girls
        Love, Death & Robots @volume
        Explicando = Explained @collection
        Sintonia @chapter
        Café com Aroma de Mulher = Café con aroma de mujer @numbered
    """,
    "fr": """
        La casa de papel = Money Heist @part
        Lupin : Dans l'ombre d'Arsène = Lupin @part
        Le Jeu de la dame = The Queen's Gambit @limited
        Dix pour cent = Call My Agent!
        La Chronique des Bridgerton = Bridgerton
        Mercredi = Wednesday
        Les Griffin = Family Guy
        Grey's Anatomy : À cœur ouvert = Grey's Anatomy
        Esprits criminels = Criminal Minds
        Aux frontières du réel = The X-Files
        Buffy contre les vampires = Buffy the Vampire Slayer
        Avatar : Le dernier maître de l'air = Avatar: The Last Airbender @book
        Star Trek : La nouvelle génération = Star Trek: The Next Generation
        Il était une fois = Once Upon a Time
        Les Nouvelles Aventures de Sabrina = Chilling Adventures of Sabrina @part
        Stranger Things @own
        Formula 1 : Pilotes de leur destin = Formula 1: Drive to Survive
        L'Attaque des Titans = Attack on Titan
        Plan Cœur = The Hook Up Plan
        Braqueurs : La série = Ganglands
        Qui a tué Sara ? = Who Killed Sara?
        En bref = Explained @collection
        Love, Death & Robots @volume
        New York : Unité spéciale = Law & Order: Special Victims Unit
        Marianne @chapter
    """,
    "de": """
        Haus des Geldes = Money Heist @part
        Das Damengambit = The Queen's Gambit @limited
        Dark
        Die Kaiserin = The Empress
        Liebes Kind = Dear Child @limited
        Tote Mädchen lügen nicht = 13 Reasons Why
        Breaking Bad
        Buffy – Im Bann der Dämonen = Buffy the Vampire Slayer
        Raumschiff Enterprise – Das nächste Jahrhundert = Star Trek: The Next Generation
        Akte X – Die unheimlichen Fälle des FBI = The X-Files
        Grey's Anatomy – Die jungen Ärzte = Grey's Anatomy
        Outlander – Die Highland-Saga = Outlander
        Navy CIS = NCIS
        Barbaren = Barbarians
        How to Sell Drugs Online (Fast)
        Spuk in Hill House = The Haunting of Hill House
        Dahmer – Monster: Die Geschichte von Jeffrey Dahmer = Monster: The Jeffrey Dahmer Story @limited
        Avatar – Der Herr der Elemente = Avatar: The Last Airbender @book
        Der Prinz der Drachen = The Dragon Prince @ordinal
        Queen Charlotte: Eine Bridgerton-Geschichte = Queen Charlotte: A Bridgerton Story @limited
        Stranger Things @own
        Love, Death & Robots @volume
        Biohackers @chapter
        Our Planet @collection
        Kleo
        Babylon Berlin
    """,
    "it": """
        La casa di carta = Money Heist @part
        La regina degli scacchi = The Queen's Gambit @limited
        Suburra – La serie = Suburra: Blood on Rome
        Summertime
        Tredici = 13 Reasons Why
        Strappare lungo i bordi = Tear Along the Dotted Line
        La legge di Lidia Poët = The Law According to Lidia Poët
        Mercoledì = Wednesday
        I Griffin = Family Guy
        Una mamma per amica = Gilmore Girls
        Due uomini e mezzo = Two and a Half Men
        Buffy l'ammazzavampiri = Buffy the Vampire Slayer
        Dahmer – Mostro: La storia di Jeffrey Dahmer = Monster: The Jeffrey Dahmer Story @limited
        Le terrificanti avventure di Sabrina = Chilling Adventures of Sabrina @part
        C'era una volta = Once Upon a Time
        Il metodo Kominsky = The Kominsky Method
        Avatar - La leggenda di Aang = Avatar: The Last Airbender @book
        Le regole del delitto perfetto = How to Get Away with Murder
        Narcos: Messico = Narcos: Mexico
        Stranger Things @own
        Love, Death & Robots @volume
        Baby @chapter
        Our Planet @collection
    """,
    "nl": """
        La casa de papel = Money Heist @part
        The Queen's Gambit @limited
        De keizerin = The Empress
        Undercover
        Dirty Lines
        Avatar: De Legende van Aang = Avatar: The Last Airbender @book
        De legende van Korra = The Legend of Korra @book
        Honderd jaar eenzaamheid = One Hundred Years of Solitude @limited
        Wie vermoordde Sara? = Who Killed Sara?
        Stranger Things @own
        Dark
        Narcos: Mexico
        Breaking Bad
        Peaky Blinders
        Brooklyn Nine-Nine
        Grey's Anatomy
        Suits
        Love, Death & Robots @volume
        Into the Night @chapter
        Explained @collection
    """,
    "pl": """
        Dom z papieru = Money Heist @part
        Szkoła dla elity = Elite
        Wiedźmin = The Witcher
        Gambit królowej = The Queen's Gambit @limited
        Rojst = The Mire
        Wielka woda = High Water @limited
        1983
        Sexify
        Chirurdzy = Grey's Anatomy
        Jak poznałem waszą matkę = How I Met Your Mother
        Przyjaciele = Friends
        Wikingowie = Vikings
        Z archiwum X = The X-Files
        Żywe trupy = The Walking Dead
        Zadzwoń do Saula = Better Call Saul
        Skazany na śmierć = Prison Break
        Pamiętniki wampirów = The Vampire Diaries
        Awatar: Legenda Aanga = Avatar: The Last Airbender @book
        Dahmer – Potwór: Historia Jeffreya Dahmera = Monster: The Jeffrey Dahmer Story @limited
        Ania, nie Anna = Anne with an E
        Stranger Things @own
        Narcos: Meksyk = Narcos: Mexico
        Miłość, śmierć i roboty = Love, Death & Robots @volume
        Ultraviolet @chapter
        Nasza planeta = Our Planet @collection
    """,
    "tr": """
        La casa de papel = Money Heist @part
        Diriliş: Ertuğrul = Resurrection: Ertugrul
        Hakan: Muhafız = The Protector
        Atiye = The Gift
        Bir Başkadır = Ethos @none
        Aşk 101 = Love 101
        Kulüp = The Club
        Pera Palas'ta Gece Yarısı = Midnight at the Pera Palace
        Kalamar Oyunu = Squid Game
        Vikingler = Vikings
        Vampir Günlükleri = The Vampire Diaries
        Yürüyen Ölüler = The Walking Dead @half
        Gizli Dosyalar = The X-Files
        Dedikoducu Kız = Gossip Girl
        Avatar: Son Hava Bükücü = Avatar: The Last Airbender @book
        Stranger Things @own
        İmparatoriçe = The Empress
        Yüzyıllık Yalnızlık = One Hundred Years of Solitude @limited
        Gölge ve Kemik = Shadow and Bone
        Peaky Blinders @series
        Love, Death & Robots @volume
        Explained @collection
    """,
    "da": """
        Papirhuset = Money Heist @part
        Venner = Friends
        Kastanjemanden = The Chestnut Man @limited
        Borgen - Riget, magten og æren = Borgen
        Rita
        Nisser = Elves
        Ragnarok
        Grey's Hvide Verden = Grey's Anatomy
        Drageprinsen = The Dragon Prince
        Avatar: Legenden om Aang = Avatar: The Last Airbender @book
        Vores planet = Our Planet @collection
        The Rain
        The Crown
        Tiger King – mord, kaos og galskab = Tiger King
        Dark
        Narcos
        Love, Death & Robots @volume
        Marianne @chapter
        Stranger Things @own
    """,
    "sv": """
        Vänner = Friends
        Kärlek & Anarki = Love & Anarchy
        Snabba Cash
        Kalifat = Caliphate
        Störst av allt = Quicksand @limited
        Young Royals
        Clark @limited
        Arkiv X = The X-Files
        2 1/2 män = Two and a Half Men
        Vår planet = Our Planet @collection
        Avatar: The Last Airbender @book
        La casa de papel = Money Heist @part
        Stranger Things @own
        Breaking Bad
        Grey's Anatomy
        Dark
        The Crown
        Love, Death & Robots @volume
        Marianne @chapter
    """,
    "no": """
        Hjem til jul = Home for Christmas
        Lilyhammer
        Okkupert = Occupied
        Ragnarok
        Vikingane = Norsemen
        Papirhuset = Money Heist @part
        Vår planet = Our Planet @collection
        The Witcher
        Stranger Things @own
        Breaking Bad
        Narcos: Mexico
        Better Call Saul
        Avatar: The Last Airbender @book
        Love, Death & Robots @volume
        The Queen's Gambit @limited
        Kalifat = Caliphate
        Marianne @chapter
    """,
    "fi": """
        Sorjonen = Bordertown
        Karppi = Deadwind
        La casa de papel = Money Heist @part
        Stranger Things @own
        Breaking Bad
        The Crown
        Dark
        The Queen's Gambit @limited
        Narcos: Mexico
        Avatar: The Last Airbender @book
        Brooklyn Nine-Nine
        Suits
        Ozark
        The Witcher
        Explained @collection
        Marianne @chapter
    """,
    "cs": """
        Zaklínač = The Witcher
        Dámský gambit = The Queen's Gambit @limited
        Perníkový táta = Breaking Bad
        Přátelé = Friends
        Akta X = The X-Files
        Upíří deníky = The Vampire Diaries
        Živí mrtví = The Walking Dead
        Griffinovi = Family Guy
        Gilmorova děvčata = Gilmore Girls
        Teorie velkého třesku = The Big Bang Theory
        Jak jsem poznal vaši matku = How I Met Your Mother
        Hra na oliheň = Squid Game
        Bridgertonovi = Bridgerton
        Vikingové = Vikings
        Hvězdná brána = Stargate SG-1
        La casa de papel = Money Heist @part
        Láska, smrt a roboti = Love, Death & Robots @volume
        Avatar: Legenda o Aangovi = Avatar: The Last Airbender @book
        Star Trek: Nová generace = Star Trek: The Next Generation
        Proč? 13x proto = 13 Reasons Why
        Sherlock @series
        Stranger Things @own
        Naše planeta = Our Planet @collection
        Marianne @chapter
    """,
    "hu": """
        A vezércsel = The Queen's Gambit @limited
        Totál szívás = Breaking Bad
        Jóbarátok = Friends
        A Bridgerton család = Bridgerton
        Vámpírnaplók = The Vampire Diaries
        X-akták = The X-Files
        Odaát = Supernatural
        Agymenők = The Big Bang Theory
        Így jártam anyátokkal = How I Met Your Mother
        Gyilkos elmék = Criminal Minds
        A Grace klinika = Grey's Anatomy
        Szexoktatás = Sex Education
        Vikingek = Vikings
        Outlander – Az idegen = Outlander
        Homeland: A belső ellenség = Homeland
        Két pasi – meg egy kicsi = Two and a Half Men
        Ki vagy, doki? = Doctor Who
        La casa de papel = Money Heist @part
        Avatar: The Last Airbender @book
        Stranger Things @own
        Love, Death & Robots @volume
        Bolygónk = Our Planet @collection
        Marianne @chapter
    """,
    "ro": """
        La casa de papel = Money Heist @part
        The Queen's Gambit @limited
        Friends
        Dark
        The Crown
        Breaking Bad
        Narcos: Mexico
        Stranger Things @own
        Peaky Blinders
        Prison Break
        Avatar: The Last Airbender @book
        Love, Death & Robots @volume
        Our Planet @collection
        Elite
        The Witcher
        Vikings: Valhalla
        Marianne @chapter
    """,
    "ja": """
        ストレンジャー・シングス 未知の世界 = Stranger Things
        ペーパー・ハウス = Money Heist @part
        クイーンズ・ギャンビット = The Queen's Gambit @limited
        イカゲーム = Squid Game
        今際の国のアリス = Alice in Borderland
        全裸監督 = The Naked Director
        愛の不時着 = Crash Landing on You
        梨泰院クラス = Itaewon Class
        鬼滅の刃 = Demon Slayer: Kimetsu no Yaiba
        進撃の巨人 = Attack on Titan
        デスノート = Death Note @none
        ワンピース = One Piece @arc
        ハイキュー!! = Haikyu!! @series
        フレンズ = Friends
        SUITS/スーツ = Suits
        アバター 伝説の少年アン = Avatar: The Last Airbender @book
        ブラック・ミラー = Black Mirror
        深夜食堂 -Tokyo Stories- = Midnight Diner: Tokyo Stories
        テラスハウス ボーイズ&ガールズ イン・ザ・シティ = Terrace House: Boys & Girls in the City @part
        ラブ、デス&ロボット = Love, Death & Robots @volume
        ダーマー モンスター: ジェフリー・ダーマーの物語 = Monster: The Jeffrey Dahmer Story @limited
        スター・トレック:ディスカバリー = Star Trek: Discovery
    """,
    "ko": """
        오징어 게임 = Squid Game
        사랑의 불시착 = Crash Landing on You
        이태원 클라쓰 = Itaewon Class
        더 글로리 = The Glory @part
        킹덤 = Kingdom
        스위트홈 = Sweet Home
        종이의 집 = Money Heist @part
        기묘한 이야기 = Stranger Things @own
        퀸스 갬빗 = The Queen's Gambit @limited
        지금 우리 학교는 = All of Us Are Dead
        비밀의 숲 = Stranger
        호텔 델루나 = Hotel Del Luna @numbered
        미스터 션샤인 = Mr. Sunshine @numbered
        눈물의 여왕 = Queen of Tears @limited
        슬기로운 의사생활 = Hospital Playlist
        프렌즈 = Friends
        블랙 미러 = Black Mirror
        피지컬: 100 = Physical: 100
        흑백요리사: 요리 계급 전쟁 = Culinary Class Wars
        러브, 데스 + 로봇 = Love, Death & Robots @volume
        아바타: 아앙의 전설 = Avatar: The Last Airbender @book
    """,
    "zh": """
        怪奇物語 = Stranger Things @own
        流星花园 = Meteor Garden
        陈情令 = The Untamed
        華燈初上 = Light the Night @part
        人選之人－造浪者 = Wave Makers @limited
        三体 = 3 Body Problem
        Dark
        Narcos: Mexico @spaced
        Black Mirror
        Breaking Bad @spaced
        The Crown
        Avatar: The Last Airbender @book
        Love, Death & Robots @volume
        Our Planet @collection
        Kingdom
        Elite
    """,
}

SERIES: dict[str, tuple[Known, ...]] = {
    language: tuple(read_line(line) for line in text.strip().splitlines())
    for language, text in _LISTS.items()
}
