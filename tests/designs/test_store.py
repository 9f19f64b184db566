"""Studies on disk: begun, resumed, refused; whatever is torn, killed or refused by the disk, no replicate is wrong."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from iom_causal.base import lock
from iom_causal.designs import manifest as manifests
from iom_causal.designs.columns import digest
from iom_causal.designs.store import open_store, read_study
from iom_causal.errors import InputError, SpecError
from tests.designs.toy_study import CELL, SIMS, Points, run, work

ROOT = Path(__file__).parents[2]
WHOLE = digest(work(np.arange(SIMS)))
KEPT = digest(work(np.arange(-(-SIMS // CELL) * CELL)))
BEGUN = {"design": {"people": 225, "rates": [1.0, 2.0]}, "seed": 1, "cell": CELL, "digest": "a"}


def files(folder):
    return sorted((folder / "blocks").iterdir())


def test_a_study_is_kept_and_read_again(tmp_path):
    assert digest(run(tmp_path / "study", resume=False)) == WHOLE
    manifest, columns = read_study(tmp_path / "study")
    assert manifest["seed"] == 7
    assert digest(columns) == KEPT
    assert json.loads((tmp_path / "study" / "timing.json").read_text())["runs"][0]["replicates"] == 205
    assert {p.name for p in (tmp_path / "study").iterdir()} == {
        *("blocks", "manifest.json", "timing.json", "lock", "writer.json")
    }


def test_any_folder_name_of_a_system_will_do(tmp_path):
    folder = tmp_path / "a [b] {c} 'd' \u00e9"
    run(folder)
    assert digest(read_study(folder)[1]) == KEPT


def test_values_come_back_bit_for_bit(tmp_path):
    odd = np.array([np.nan, -0.0, np.inf, -np.inf, 5e-324, 1 / 3])
    block = {
        "replicate": np.arange(6),
        "design one/answer/one group/t (95%)/estimate": odd,
        "none": np.full(6, np.nan),
        "code": np.array([-1, 0, 32_767, 3, 4, 5], np.int16),
        "large": np.arange(6) + 2**60,
        "flag": odd > 0,
    }
    with open_store(tmp_path / "study", design={}, seed=1, cell=3) as store:
        store.add(block)
        (back,) = store.blocks()
    assert list(back) == list(block)
    assert all(back[n].dtype == c.dtype and back[n].tobytes() == c.tobytes() for n, c in block.items())


@pytest.mark.parametrize("numbers", [range(1, 6), range(4), range(0, 12, 2), range(0)])
def test_parts_of_cells_are_not_kept(tmp_path, numbers):
    with open_store(tmp_path / "study", design={}, seed=1, cell=CELL) as store, pytest.raises(InputError, match="E037"):
        store.add(work(np.array(numbers, dtype=np.int64)))


def test_a_study_that_has_begun_is_opened_only_to_resume_it(tmp_path):
    run(tmp_path / "study", sims=50)
    with pytest.raises(SpecError, match=r"IOM-E130.*'study' holds a study that has begun.*give resume=True"):
        run(tmp_path / "study", resume=False)
    assert digest(run(tmp_path / "study")) == WHOLE
    assert digest(run(tmp_path / "study", sims=50)) == digest(work(np.arange(50)))


CHANGES = {
    "design.people": {"design": {"people": 226, "rates": [1.0, 2.0]}},
    "design.rates.2": {"design": {"people": 225, "rates": [1.0, 3.0]}},
    "design.rates": {"design": {"people": 225, "rates": [1.0]}},
    "design.new": {"design": {"people": 225, "rates": [1.0, 2.0], "new": 1}},
    "digest": {"digest": "b"},
    "seed": {"seed": 2},
    "cell": {"cell": 2 * CELL},
}


@pytest.mark.parametrize("key", CHANGES)
def test_another_design_seed_or_cell_is_refused_by_name(tmp_path, key):
    with open_store(tmp_path / "study", **BEGUN) as store:
        store.add(work(np.arange(CELL)))
    named = rf"IOM-E131: the study in folder 'study' was begun with something else: {key} \([^;]* there, [^;]* now\);"
    with pytest.raises(SpecError, match=named), open_store(tmp_path / "study", **(BEGUN | CHANGES[key]), resume=True):
        pass
    with open_store(tmp_path / "study", **BEGUN, resume=True) as store:
        assert len(list(store.blocks())) == 1


@pytest.mark.parametrize("key", ["code", "versions.numpy", "versions.python", "versions.iom-causal", "format"])
def test_other_code_or_libraries_are_refused_by_name(tmp_path, monkeypatch, key):
    with open_store(tmp_path / "study", **BEGUN):
        pass
    if key == "code":
        monkeypatch.setattr(manifests, "code_digest", lambda: "0" * 64)
    elif key == "format":
        monkeypatch.setattr(manifests, "FORMAT", 2)
    else:
        version = {key.removeprefix("versions."): "0"}
        known = manifests.versions
        monkeypatch.setattr(manifests, "versions", lambda *packages: known(*packages) | version)
    with (
        pytest.raises(SpecError, match=rf"IOM-E131.*: {key} \([^;]*\); set"),
        open_store(tmp_path / "study", **BEGUN, resume=True),
    ):
        pass


def test_the_digest_of_the_code_hangs_on_every_file(tmp_path, monkeypatch):
    for name in ("a.py", "b/c.py", "b/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    monkeypatch.setattr(manifests, "__file__", str(tmp_path / "b" / "c.py"))
    digests = [manifests.code_digest.__wrapped__()]
    for name in ("b/c.py", "b/d.txt"):
        (tmp_path / name).write_text("x = 2\n")
        digests.append(manifests.code_digest.__wrapped__())
    assert digests[0] != digests[1] == digests[2]


def test_many_differences_are_counted():
    old, new = {str(k): 1 for k in range(20)}, {str(k): 2 for k in range(20)}
    named = manifests.differences(old, new)
    assert (named[0], named[-1], len(named)) == ("0 (1 there, 2 now)", "12 more", 9)


@pytest.mark.parametrize("content", ["", "{}", "{", "[]", '{"made_by": "iom-causal"}'])
def test_a_study_whose_manifest_is_damaged_is_left_alone(tmp_path, content):
    run(tmp_path / "study", sims=50)
    (tmp_path / "study" / "manifest.json").write_text(content)
    before = files(tmp_path / "study")
    with pytest.raises(SpecError, match=r"IOM-E(134|090)"):
        run(tmp_path / "study")
    with pytest.raises(SpecError, match="IOM-E095"):
        read_study(tmp_path / "study")
    assert files(tmp_path / "study") == before


def test_the_folder_of_somebody_else_is_left_alone(tmp_path):
    for name, inside in {"notes": "a.txt", "report": "manifest.json", "blocks only": "blocks/x.parquet"}.items():
        (tmp_path / name / inside).parent.mkdir(parents=True)
        (tmp_path / name / inside).write_text('{"made_by": "iom-causal", "work": "evaluate", "files": {}}')
        with pytest.raises(SpecError, match=r"IOM-E(090|134)"):
            run(tmp_path / name)
        assert [p for p in (tmp_path / name).rglob("*") if p.is_file()] == [tmp_path / name / inside]
    (tmp_path / "link").symlink_to(tmp_path / "notes")
    with pytest.raises(SpecError, match="IOM-E090"):
        run(tmp_path / "link")


def damages(data):
    rng = np.random.default_rng(len(data))
    yield from ((f"cut at {k}", data[:k]) for k in (0, 1, len(data) // 2, len(data) - 1))
    yield "longer", data + b"\0"
    for place in (0, len(data) - 1, *rng.integers(len(data), size=8)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << rng.integers(8)
        yield f"flipped at {place}", bytes(flipped)


def test_every_truncation_and_flipped_bit_is_noticed_and_worked_out_again(tmp_path):
    folder = tmp_path / "study"
    run(folder, sims=20, block=2 * CELL)
    for path in files(folder):
        sound = path.read_bytes()
        for what, data in damages(sound):
            path.write_bytes(data)
            with pytest.raises(SpecError, match="IOM-E134"):
                read_study(folder)
            assert digest(run(folder, sims=20, block=2 * CELL)) == digest(work(np.arange(20))), what
            assert (folder / "quarantine" / path.name).read_bytes() == data
            assert path.read_bytes() == sound, what


def test_what_is_damaged_is_said(tmp_path):
    run(tmp_path / "study", sims=20, block=CELL)
    for path in files(tmp_path / "study")[1:3]:
        path.write_bytes(b"")
    said = []
    with open_store(
        tmp_path / "study", design={"toy": {"seconds": 0}}, seed=7, cell=CELL, resume=True, tell=said.append
    ) as store:
        assert [block["replicate"][0] for block in store.blocks(20)] == [0, 15]
    assert said == ["note: 2 blocks of replicates were damaged; put in the folder quarantine, and worked out again"]


def test_a_block_of_another_study_is_noticed(tmp_path):
    run(tmp_path / "study", sims=20, block=CELL)
    with open_store(tmp_path / "other", design={"toy": "another"}, seed=7, cell=CELL) as store:
        store.add(work(np.arange(CELL)) | {"code": np.ones(CELL, np.int16)})
    (strange,) = files(tmp_path / "other")
    first = files(tmp_path / "study")[0]
    first.unlink()
    strange.rename(first.with_name(strange.name))
    assert digest(run(tmp_path / "study", sims=20)) == digest(work(np.arange(20)))
    assert (tmp_path / "study" / "quarantine" / strange.name).exists()


def test_two_blocks_of_the_same_replicates_are_read_once(tmp_path):
    with open_store(tmp_path / "study", design={}, seed=1, cell=CELL) as store:
        for numbers in (range(10), range(5, 15), range(10, 20)):
            store.add(work(np.array(numbers)))
        assert [(b["replicate"][0], b["replicate"].size) for b in store.blocks()] == [(0, 10), (10, 10)]


def refusing(number):
    def refuse():
        raise OSError(number, os.strerror(number))

    return refuse


def calls_of_a_run(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        points = Points(tmp_path / "counted", put=patch.setattr)
        run(tmp_path / "counted", sims=20, block=2 * CELL)
    return points.calls


def test_bytes_are_on_the_disk_before_a_name_and_the_name_before_the_next_block(tmp_path):
    calls = calls_of_a_run(tmp_path)
    assert calls.count("replace") == 4  # manifest, two blocks, times
    assert " ".join(calls).count("fsync replace os.open fsync") == 4


def is_refused(folder):
    try:
        run(folder, sims=20, block=2 * CELL)
    except SpecError as error:
        return error.code == "IOM-E090"
    return False


def test_a_disk_that_refuses_anything_leaves_a_study_to_resume(tmp_path):
    points, refused = len(calls_of_a_run(tmp_path)), 0
    for k in range(1, points + 1):
        folder = tmp_path / str(k)
        with pytest.MonkeyPatch.context() as patch:
            Points(folder, k, refusing((errno.ENOSPC, errno.EIO, errno.EACCES)[k % 3]), put=patch.setattr)
            refused += is_refused(folder)
        assert digest(run(folder, sims=20, block=CELL)) == digest(work(np.arange(20))), k
        assert not list(folder.glob("**/*.tmp"))
        assert not (folder / "quarantine").exists()
    assert refused == points - 6  # that times cannot be written is no reason to fail


@pytest.mark.skipif(os.name == "nt", reason="a full disk is made with a file of that system")
def test_a_disk_that_is_full_while_a_block_is_written_is_said(tmp_path):
    with open_store(tmp_path / "study", design={}, seed=1, cell=CELL) as store:
        (tmp_path / "study" / "blocks" / "writing.tmp").symlink_to("/dev/full")
        with pytest.raises(SpecError, match=r"IOM-E090.*the disk is full; make room, or resume later"):
            store.add(work(np.arange(CELL)))


def test_a_second_process_or_thread_is_refused_and_any_death_lifts_the_lock(tmp_path):
    code = (
        "import sys; from pathlib import Path; from iom_causal.base.lock import locked\n"
        "with locked(Path(sys.argv[1])) as mine: print(mine, flush=True); sys.stdin.read()"
    )
    folder = tmp_path / "study"
    run(folder, sims=CELL)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "True\n"
        with pytest.raises(
            SpecError, match=rf"IOM-E132: process {other.pid} on .* works on the study in folder 'study'"
        ):
            run(folder)
        other.kill()
    with lock.locked(folder) as mine:
        assert mine
        with pytest.raises(SpecError, match=f"IOM-E132: process {os.getpid()} on "):
            run(folder)
        with lock.locked(folder) as again:
            assert not again
    assert digest(run(folder)) == WHOLE


def test_who_holds_the_lock_is_said_as_far_as_it_is_known(tmp_path):
    for content in ("", "[]", '{"process": "a", "host": 1}', '{"host": "a"}'):
        (tmp_path / lock.HOLDER).write_text(content)
        assert lock.holder(tmp_path) == "another process"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="processes are copied as that system does not")
def test_a_process_that_dies_at_any_write_leaves_a_study_to_resume(tmp_path):
    args = [sys.executable, "-m", "tests.designs.toy_study", "die everywhere", str(tmp_path)]
    done = subprocess.run(
        args, check=False, cwd=ROOT, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(calls_of_a_run(tmp_path))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_forty_kills_lose_double_and_change_no_replicate(tmp_path):
    picked = np.random.default_rng(5)
    kills = after_progress = study = 0
    while kills < 40:
        study += 1
        folder, ended = tmp_path / str(study), False
        while not ended:
            workers, block = int(picked.integers(1, 4)), int(picked.integers(1, 4)) * CELL
            ended, progress = killed(folder, workers, block, picked)
            kills += not ended
            after_progress += not ended and progress
        assert digest(read_study(folder)[1]) == KEPT
        assert not (folder / "quarantine").exists()
        assert sum(p.suffix == ".parquet" for p in files(folder)) > 5
    assert study > 2
    assert after_progress >= 0.8 * kills


def killed(folder, workers, block, picked):
    """Run a study until it has some more blocks, then kill it; whether it ended before, and had more blocks."""
    before = len(list(folder.glob("blocks/*.parquet")))
    wanted = before + int(picked.integers(0, 6))
    args = [sys.executable, "-m", "tests.designs.toy_study", "run", str(folder), str(workers), str(block)]
    with subprocess.Popen(args, start_new_session=True, cwd=ROOT) as process:
        while process.poll() is None and len(list(folder.glob("blocks/*.parquet"))) < wanted:
            time.sleep(0.001)
        try:
            process.wait(picked.uniform(0, 0.02))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode == 0, len(list(folder.glob("blocks/*.parquet"))) > before
