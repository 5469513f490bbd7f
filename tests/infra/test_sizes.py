from pathlib import Path

from infra.tools.sizes import Size, measured, table

TEMPLATE = {
    "Resources": {
        "FunctionsTokensLayer1234ABCD": {
            "Type": "AWS::Lambda::LayerVersion",
            "Properties": {"Content": {"S3Key": "layer.zip"}},
        },
        "FunctionsRotateKeys1234ABCD": {
            "Type": "AWS::Lambda::Function",
            "Metadata": {"gatepost:function": "rotate_keys"},
            "Properties": {"Code": {"S3Key": "code.zip"}, "Layers": [{"Ref": "FunctionsTokensLayer1234ABCD"}]},
        },
        "FunctionsRole": {"Type": "AWS::IAM::Role"},
    }
}


def test_the_table_shows_what_a_function_weighs_with_its_layers() -> None:
    lines = list(table(TEMPLATE, {"layer.zip": Size(1_500_000, 2_500_000), "code.zip": Size(900, 1_200)}))
    assert lines == [
        "layer                 zipped      unzipped",
        "tokens            1,500.0 kB    2,500.0 kB",
        "",
        "function              zipped      unzipped   with layers  layers",
        "rotate_keys           0.9 kB        1.2 kB    2,501.2 kB  tokens",
    ]


def test_a_folder_weighs_what_its_files_do(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "zeros").write_bytes(bytes(100_000))
    (tmp_path / "one").write_bytes(b"1")
    size = measured(tmp_path)
    assert size.unzipped == 100_001
    assert 100 < size.zipped < 1000
