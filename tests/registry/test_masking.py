import pytest

from wangge.registry.masking import masked_name, masked_phone, masked_text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三丰", "张*"),
        ("李四", "李*"),
        ("欧阳修文", "欧阳*"),
        ("欧阳", "欧*"),
        ("John Smith", "J*"),
        (" ", ""),
        ("", ""),
    ],
)
def test_of_a_name_only_the_surname_shows(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("05328880000", "****0000"),
        ("110", "****10"),
        ("+8613812341234", "****1234"),
        ("", ""),
    ],
)
def test_of_a_telephone_number_the_middle_is_hidden(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_numbers_in_running_text_are_hidden_and_other_numbers_stay() -> None:
    said = "我是张三,电话13812341234或138-1234-1234,座机0532-88880000,身份证370211199001011234,编号370999001-20261116-ABCDEF,3号楼2单元"
    shown = masked_text(said)
    assert "13812341234" not in shown
    assert "138****1234" in shown
    assert "88880000" not in shown
    assert "199001011" not in shown
    assert "370211********1234" in shown
    assert "370999001-20261116-ABCDEF" in shown
    assert "3号楼2单元" in shown
