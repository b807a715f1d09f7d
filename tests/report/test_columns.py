from flaskwright.report.columns import aligned


def test_cells_stand_one_below_the_other():
    assert list(aligned([("a", "bb", "c"), ("long", "b", "the last")])) == [
        "a     bb  c",
        "long  b   the last",
    ]


def test_rows_of_any_length_are_taken():
    assert list(aligned([("a", "b"), (), ("only",), ("x", "y", "z")])) == [
        "a  b",
        "only",
        "x  y  z",
    ]
    assert list(aligned([])) == list(aligned([()])) == []


def test_a_cell_makes_no_line_of_its_own():
    assert list(aligned([("a\nrelease: forged", "b\x1b[31m\u202e\u2028")])) == [
        "a release: forged  b"
    ]
