"""The genres of a catalogue, and what other lists of series call them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["GENRES", "genres_of"]

GENRES = (
    "Action", "Adventure", "Animation", "Anime", "Comedy", "Crime", "Documentary", "Drama",
    "Family", "Fantasy", "History", "Horror", "Kids", "Music", "Mystery", "Reality", "Romance",
    "Sci-Fi", "Sport", "Stand-up", "Superhero", "Thriller", "War", "Western",
)  # fmt: skip
"""The genres of the bundled catalogue; a catalogue of one's own may use others."""

_ALSO: Mapping[str, str] = {
    # Netflix's own shelves, as the public `netflix_titles` list has them
    "action & adventure": "Action|Adventure",
    "anime features": "Anime",
    "anime series": "Anime",
    "children & family movies": "Family",
    "comedies": "Comedy",
    "crime tv shows": "Crime",
    "documentaries": "Documentary",
    "docuseries": "Documentary",
    "dramas": "Drama",
    "horror movies": "Horror",
    "kids' tv": "Kids",
    "music & musicals": "Music",
    "reality tv": "Reality",
    "romantic movies": "Romance",
    "romantic tv shows": "Romance",
    "sci-fi & fantasy": "Sci-Fi|Fantasy",
    "science & nature tv": "Documentary",
    "sports movies": "Sport",
    "stand-up comedy": "Stand-up",
    "stand-up comedy & talk shows": "Stand-up",
    "thrillers": "Thriller",
    "tv action & adventure": "Action|Adventure",
    "tv comedies": "Comedy",
    "tv dramas": "Drama",
    "tv horror": "Horror",
    "tv mysteries": "Mystery",
    "tv sci-fi & fantasy": "Sci-Fi|Fantasy",
    "tv thrillers": "Thriller",
    # IMDb's and TMDB's words, and those of lists made from them
    "biography": "History",
    "children": "Kids",
    "documentation": "Documentary",
    "game-show": "Reality",
    "musical": "Music",
    "reality-tv": "Reality",
    "science fiction": "Sci-Fi",
    "science-fiction": "Sci-Fi",
    "scifi": "Sci-Fi",
    "soap": "Drama",
    "sports": "Sport",
    "standup": "Stand-up",
    "war & politics": "War",
    # Said of many a series, and no genre
    **dict.fromkeys(
        (
            "adult", "british tv shows", "classic & cult tv", "classic movies", "cult movies",
            "european", "faith & spirituality", "film-noir", "independent movies",
            "international movies", "international tv shows", "korean tv shows", "lgbtq movies",
            "movies", "news", "short", "spanish-language tv shows", "talk", "talk-show",
            "teen tv shows", "tv movie", "tv shows",
        ),
        "",
    ),
}  # fmt: skip

_WORDS = {genre.casefold(): genre for genre in GENRES} | dict(_ALSO)


def genres_of(words: Iterable[str]) -> tuple[str, ...]:
    """The genres that a list's words mean, in their order; a word that is not known stays.

    >>> genres_of(["International TV Shows", "TV Sci-Fi & Fantasy", "scifi", "Telenovela"])
    ('Sci-Fi', 'Fantasy', 'Telenovela')
    """
    meant = [genre for word in words for genre in _WORDS.get(word.casefold(), word).split("|")]
    return tuple(dict.fromkeys(filter(None, meant)))
