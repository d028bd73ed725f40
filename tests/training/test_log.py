import json

from mtcnn_rt.training.log import Log


def test_entries_by_network_without_an_unfinished_last_line(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    assert log.entries() == []
    for step in (0, 20, 40):
        log.append({"network": "pnet", "step": step})
    log.append({"network": "rnet", "step": 0})
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"network": "rnet", "st')
    assert [entry["step"] for entry in log.entries("pnet")] == [0, 20, 40]
    assert len(log.entries()) == 4


def test_drops_the_steps_that_will_be_repeated(tmp_path):
    log = Log(tmp_path / "log.jsonl")
    for network in ("pnet", "rnet"):
        for step in (0, 20, 40):
            log.append({"network": network, "step": step})
    log.drop_from("rnet", 20)
    assert [entry["step"] for entry in log.entries("pnet")] == [0, 20, 40]
    assert [entry["step"] for entry in log.entries("rnet")] == [0]


def test_numbers_that_json_lacks_are_null(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"network": "pnet", "step": 0, "loss": NaN}\n')  # of an earlier version
    log = Log(path)
    log.drop_from("pnet", 1)
    log.append({"network": "pnet", "step": 20, "loss": float("inf"), "box": 0.5})

    def refuse(name):
        raise ValueError(name)

    entries = [json.loads(line, parse_constant=refuse) for line in path.read_text().splitlines()]
    assert entries == log.entries()
    assert [entry["loss"] for entry in entries] == [None, None]
    assert entries[1]["box"] == 0.5
