"""Vietnamese names of simulated people: Kinh, Hoa and Khmer.

Names are drawn from short lists, so many people share one, as in life. Nobody here is real.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.population import CHILD, GRANDCHILD, HEAD, HOA, KHMER, City

FAMILY = {
    "kinh": [
        "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Võ", "Phan", "Trương", "Bùi", "Đặng", "Đỗ", "Ngô", "Hồ", "Dương",
        "Đoàn", "Mai", "Cao", "Lương", "Tô", "Châu",
    ],
    "hoa": ["Quách", "Trịnh", "Lâm", "Lý", "Trần", "Huỳnh", "Tăng", "Châu", "Vương", "Mã"],
    "khmer": ["Thạch", "Sơn", "Kim", "Danh", "Lâm", "Lý", "Trần", "Châu", "Đào", "Liêu"],
}  # fmt: skip
FAMILY_WEIGHTS = {
    "kinh": [32, 12, 10, 8, 7, 6, 5, 4, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1],
    "hoa": [14, 12, 18, 14, 10, 8, 8, 8, 4, 4],
    "khmer": [24, 18, 14, 10, 10, 8, 6, 5, 3, 2],
}
MIDDLE_MALE = ["Văn", "Hữu", "Minh", "Quốc", "Thanh", "Hoàng", "Đức", "Công", "Chí", "Ngọc"]
MIDDLE_FEMALE = ["Thị", "Thị Ngọc", "Thị Mỹ", "Thị Kim", "Ngọc", "Thị Thu", "Thị Hồng", "Bích", "Thị Cẩm", "Như"]
MIDDLE_KHMER = ["Sà", "Thị Sa", "Văn", "Thị", "Sô", "Hoàng"]
GIVEN_MALE = [
    "Hùng", "Dũng", "Tuấn", "Hải", "Long", "Phúc", "Khánh", "Thành", "Tâm", "Nghĩa", "Đạt", "Lộc", "Phong", "Sang",
    "Toàn", "Vinh", "Út", "Bảy", "Hiếu", "Kiệt", "Nhân", "Quý", "Sơn", "Tín", "Việt",
]  # fmt: skip
GIVEN_FEMALE = [
    "Lan", "Hoa", "Hương", "Thủy", "Nga", "Linh", "Trang", "Yến", "Tuyết", "Loan", "Phượng", "Diễm", "Hạnh", "Ngân",
    "Quyên", "Thảo", "Vân", "Xuân", "Út", "Bé", "Mai", "Nhi", "Oanh", "Phương", "Ánh",
]  # fmt: skip
GIVEN_KHMER = [
    "Sóc Kha", "Sa Rết", "Đa Ra", "Sô Phi", "Rết", "Thươn", "Phone", "Sa Vươn", "Khên", "Đậm", "Sol", "Sa Rươn",
]  # fmt: skip


def _taken(words: list[str], index: NDArray[np.int64]) -> pa.Array:
    return pa.array(words).take(pa.array(index))


def full_names(city: City, persons: NDArray[np.int64]) -> pa.Array:
    """Full name of each person: head, children and grandchildren share the family name of the household."""
    draws = city.draws
    household = city.home[persons].astype(np.int64)
    kin = np.isin(city.role[persons], [HEAD, CHILD, GRANDCHILD])
    namesake = np.where(kin, household, city.households + persons)
    ethnicity = city.ethnicity[household]
    male = city.is_male[persons]
    khmer = ethnicity == KHMER
    offsets, words = {}, []
    for group, family_names in FAMILY.items():
        offsets[group] = len(words)
        words += family_names
    family = np.select(
        [ethnicity == HOA, khmer],
        [
            offsets["hoa"] + draws.pick("family hoa", namesake, FAMILY_WEIGHTS["hoa"]),
            offsets["khmer"] + draws.pick("family khmer", namesake, FAMILY_WEIGHTS["khmer"]),
        ],
        default=draws.pick("family", namesake, FAMILY_WEIGHTS["kinh"]),
    )
    middle_words = MIDDLE_MALE + MIDDLE_FEMALE + MIDDLE_KHMER
    middle = np.select(
        [khmer, male],
        [
            len(MIDDLE_MALE) + len(MIDDLE_FEMALE) + draws.whole("middle khmer", persons, 0, len(MIDDLE_KHMER) - 1),
            draws.whole("middle", persons, 0, len(MIDDLE_MALE) - 1),
        ],
        default=len(MIDDLE_MALE) + draws.whole("middle", persons, 0, len(MIDDLE_FEMALE) - 1),
    )
    given_words = GIVEN_MALE + GIVEN_FEMALE + GIVEN_KHMER
    given = np.select(
        [khmer, male],
        [
            len(GIVEN_MALE) + len(GIVEN_FEMALE) + draws.whole("given khmer", persons, 0, len(GIVEN_KHMER) - 1),
            draws.whole("given", persons, 0, len(GIVEN_MALE) - 1),
        ],
        default=len(GIVEN_MALE) + draws.whole("given", persons, 0, len(GIVEN_FEMALE) - 1),
    )
    return pc.binary_join_element_wise(
        _taken(words, family), _taken(middle_words, middle), _taken(given_words, given), " "
    )
