"""The film that is asked for: of a run, of a snapshot, or the newest below a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.engine.sample import SAMPLE_BATCH, draw_sample, take_frame
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.show import Show, make_show, up_to
from mycaffe_py.evaluate.pictures.curves import read_curves
from mycaffe_py.snapshot.film import Film, film_path, read_film
from mycaffe_py.snapshot.names import FILM, SnapshotFiles, events_path, files_below
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.trained.final_weights import final_means
from mycaffe_py.trained.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.trained.snapshot import Snapshot, open_testing


@dataclass(frozen=True, eq=False)
class FoundFilm:
    """A film and how the names of its run's files begin."""

    film: Film
    prefix: Path

    @cached_property
    def show(self) -> Show:
        """The film, ready to be drawn."""
        return make_show(self.film, self.prefix.name)


def find_film(snapshot: Path | None, run: Path | None, below: Path = Path()) -> FoundFilm:
    """The film of the run with the prefix `run`, of `snapshot` (up to it), or the newest `below`.

    Errors: no such film.
    """
    if snapshot is not None:
        files = SnapshotFiles.beside(snapshot)
        film = read_film(film_path(files.prefix))
        _check_run(film, files)
        return FoundFilm(up_to(film, files.iteration), files.prefix)
    prefix = run if run is not None else _newest(below)
    if prefix.name.endswith(FILM):
        prefix = prefix.with_name(prefix.name.removesuffix(FILM))
    return FoundFilm(read_film(film_path(prefix)), prefix)


def _check_run(film: Film, files: SnapshotFiles) -> None:
    """A film of another run that had the same prefix tells nothing of this snapshot."""
    if not files.card.is_file():
        return
    seed = RunCard.read(files.card).seed
    if seed != film.head.seed:
        raise UserError(
            f"the film '{film_path(files.prefix)}' is of another run: its seed is "
            f"{film.head.seed}, that of '{files.weights}' is {seed}",
            do="'mycaffe plot' draws a snapshot without a film.",
        )


def show_of_snapshot(snapshot: Snapshot) -> Show:
    """Its map: that of the film where its run has one, else of the sample a film would show."""
    taken = _taken(snapshot)
    if taken is not None:
        return _show_final(taken, snapshot)
    iteration, run = snapshot.card.iteration, snapshot.card.identity
    show = _show_final(film_of_snapshot(snapshot), snapshot)
    diary = events_path(snapshot.files.prefix)
    return replace(show, loss=read_curves(diary, iteration, run).loss)


def film_at(snapshot: Snapshot) -> Film:
    """The film of its run up to the snapshot, else the one frame that a film would have there."""
    return _taken(snapshot) or film_of_snapshot(snapshot)


def _taken(snapshot: Snapshot) -> Film | None:
    """The film of its run up to the snapshot; None where none ends with its weights."""
    path = film_path(snapshot.files.prefix)
    if not path.is_file():
        return None
    film = up_to(read_film(path), snapshot.card.iteration)
    ours = film.head.seed == snapshot.card.seed
    ends = bool(film.frames) and film.frames[-1].iteration == snapshot.card.iteration
    return film if ours and ends else None


def _show_final(film: Film, snapshot: Snapshot) -> Show:
    """The film, in its last frame with the centroids that the snapshot answers with."""
    title = snapshot.files.prefix.name
    means = final_means(snapshot, run_graph(snapshot, 1)) if film.head.decodes else None
    if means is None:
        return make_show(film, title)
    last = replace(film.frames[-1], centroids=means.means, centroid_labels=means.labels)
    circles = "the class means of the final features"
    return make_show(replace(film, frames=(*film.frames[:-1], last)), title, circles)


def film_of_snapshot(snapshot: Snapshot) -> Film:
    """The one frame that a film of its run would have there; nothing is told of losses.

    As in the film the centroids are those that training was at.
    """
    source = open_testing(snapshot)
    graph = run_graph(snapshot, SAMPLE_BATCH)
    made = loaded_net(snapshot, graph, snapshot.weights)
    net = AnsweringNet(made, transform_for(snapshot, source), SAMPLE_BATCH, source.name)
    sample = draw_sample(source, snapshot.card.seed, net)
    return Film(sample.head, (take_frame(sample, net, snapshot.card.iteration),))


def _newest(folder: Path) -> Path:
    """The film written last of those below `folder`, as snapshots.names looks for files there."""
    found = [(path.stat().st_mtime_ns, path) for path in files_below(folder, (FILM,))]
    if not found:
        raise UserError(
            f"there is no *{FILM} below {folder.resolve()}",
            do="'mycaffe train --film' takes one while it trains; 'mycaffe plot' needs none.",
        )
    return max(found)[1]
