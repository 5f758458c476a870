"""The one error a department can act on, and everything it can say, in English and Vietnamese.

Everything that keeps a delivery out says so with `BrokenPromise`; why a row was set apart is a reason code, worded by
`reason`. Not for faults of our own code, and never with a value from a row: messages reach logs, screens and letters.
"""

import functools
import re
from typing import Any, NamedTuple


class Wording(NamedTuple):
    """The same sentence in both languages."""

    en: str
    vi: str


SEND_AGAIN = Wording("send a corrected file for the same month.", "gửi lại tệp đã sửa cho cùng tháng báo cáo.")
SEND_WHOLE = Wording("send it again.", "gửi lại tệp.")

# What a delivery can break, with the next step of its sender.
PROMISES: dict[str, tuple[Wording, Wording]] = {
    "name_form": (
        Wording("it is not of the form {form}.", "tên tệp không đúng mẫu {form}."),
        Wording("rename the file and send it again.", "đổi tên tệp theo mẫu rồi gửi lại."),
    ),
    "month_without_rules": (
        Wording(
            "there are no rules for {month}, only for {first} to {last}.",
            "không có quy định cho tháng {month}, chỉ có từ {first} đến {last}.",
        ),
        Wording("put the reporting month into the file name.", "ghi đúng tháng báo cáo vào tên tệp rồi gửi lại."),
    ),
    "sheet_without_header": (
        Wording("it has rows and no header.", "có dữ liệu nhưng không có dòng tiêu đề."),
        Wording("repeat the header on this sheet, or delete it.", "thêm dòng tiêu đề vào trang này hoặc xóa trang."),
    ),
    "format": (
        Wording(".{extension} is none of the formats {formats}.", "định dạng .{extension} không nằm trong {formats}."),
        Wording("send it in one of these formats.", "gửi lại tệp theo một trong các định dạng này."),
    ),
    "commune_in_name": (
        Wording("{commune} is no commune of the city.", "{commune} không phải mã xã, phường của thành phố."),
        Wording("rename the file and send it again.", "đổi tên tệp rồi gửi lại."),
    ),
    "no_commune": (
        Wording("it does not say which commune the list is of.", "tên tệp không cho biết xã, phường nào."),
        Wording("put the commune's code into the file name.", "ghi mã xã, phường vào tên tệp rồi gửi lại."),
    ),
    "stray": (
        Wording("no department promised a feed of this name.", "không có nguồn dữ liệu nào được đăng ký với tên này."),
        Wording("put it into one of {feeds}.", "chuyển tệp vào một trong các thư mục {feeds}."),
    ),
    "manifest": (
        Wording("its manifest cannot be read.", "không đọc được tệp kê khai đi kèm."),
        Wording("send both again.", "gửi lại cả hai tệp."),
    ),
    "manifest_bytes": (
        Wording(
            "its bytes are not those its manifest was made for.", "nội dung không khớp với tệp kê khai đi kèm."
        ),
        SEND_WHOLE,
    ),
    "manifest_month": (
        Wording("it is of {stated}, the file name of {named}.", "ghi tháng {stated}, còn tên tệp ghi tháng {named}."),
        SEND_AGAIN,
    ),
    "rows_missing": (
        Wording("{missing} of {stated} rows are missing.", "thiếu {missing} trong số {stated} dòng đã kê khai."),
        SEND_WHOLE,
    ),
    "other_month": (
        Wording(
            "its bytes are those of {other}, delivered as {name}.",
            "nội dung trùng với tệp của tháng {other}, đã gửi với tên {name}.",
        ),
        Wording("send the file of {month}.", "gửi tệp của tháng {month}."),
    ),
    "mended_name": (
        Wording(
            "it has rows of another file, mended; under this name they would take the place of all.",
            "tệp chỉ có các dòng đã sửa của một tệp khác; với tên này, chúng sẽ thay thế toàn bộ tệp đó.",
        ),
        Wording(
            "put `_supplement` into the file name and send it again.", "thêm `_supplement` vào tên tệp rồi gửi lại."
        ),
    ),
    "mended_alone": (
        Wording(
            "it has mended rows of a file that was not taken in for {month}.",
            "tệp có các dòng đã sửa của một tệp chưa được tiếp nhận cho tháng {month}.",
        ),
        Wording(
            "send that file first, then its mended rows, named for the same month and commune.",
            "gửi tệp đó trước, rồi gửi các dòng đã sửa, ghi đúng tháng và xã của tệp đó trong tên.",
        ),
    ),
    "expired": (
        Wording("its original was let go on {day}, as promised.", "bản gốc hết hạn lưu, đã hủy ngày {day}."),
        SEND_WHOLE,
    ),
    "original_gone": (
        Wording("its kept original is gone.", "bản gốc lưu trữ không còn."),
        SEND_WHOLE,
    ),
    "other_bytes": (
        Wording("its kept original is not the file that was sent.", "bản gốc lưu trữ không phải là tệp đã gửi."),
        SEND_WHOLE,
    ),
    "encoding": (
        Wording(
            "it cannot be read: its letters are in none of the known encodings, or damaged.",
            "không đọc được: chữ tiếng Việt bị hỏng hoặc không theo bảng mã nào đã biết.",
        ),
        Wording("save it as UTF-8 and send it again.", "lưu lại tệp theo bảng mã Unicode (UTF-8) rồi gửi lại."),
    ),
    "letters": (
        Wording(
            "it cannot be read: its Vietnamese letters are damaged, or written in a font of another encoding.",
            "không đọc được: chữ tiếng Việt bị hỏng hoặc gõ theo phông chữ của bảng mã khác.",
        ),
        Wording(
            "turn its text into Unicode (a Unikey toolkit does) or export it anew, and send it again.",
            "chuyển mã văn bản sang Unicode (bằng công cụ của Unikey) hoặc xuất lại, rồi gửi lại.",
        ),
    ),
    "is_workbook": (
        Wording(
            "it is an Excel workbook (.xlsx), not .{extension}.",
            "tệp là bảng tính Excel (.xlsx), không phải .{extension}.",
        ),
        Wording("rename it to .xlsx and send it again.", "đổi đuôi tệp thành .xlsx rồi gửi lại."),
    ),
    "is_old_workbook": (
        Wording(
            "it is a workbook of another kind (.xls, .xlsb or .ods), or locked.",
            "tệp là bảng tính loại khác (.xls, .xlsb hoặc .ods) hoặc bị khóa.",
        ),
        Wording("open it, save it as .xlsx and send it again.", "mở tệp, lưu dạng .xlsx rồi gửi lại."),
    ),
    "is_archive": (
        Wording(
            "it is a packed file (zip, gzip or the like), not .{extension}.", "tệp là tệp nén, không phải .{extension}."
        ),
        Wording("unpack it and send the file in it.", "giải nén rồi gửi tệp bên trong."),
    ),
    "is_parquet": (
        Wording("it is a Parquet file, not .{extension}.", "tệp là tệp Parquet, không phải .{extension}."),
        Wording("rename it to .parquet and send it again.", "đổi đuôi tệp thành .parquet rồi gửi lại."),
    ),
    "is_document": (
        Wording(
            "it is a document or a picture, not a table.", "tệp là văn bản hoặc hình ảnh, không phải bảng số liệu."
        ),
        Wording("send the table it was made from.", "gửi bảng số liệu gốc."),
    ),
    "is_web_page": (
        Wording("it is a web page or XML, not .{extension}.", "tệp là trang web hoặc XML, không phải .{extension}."),
        Wording("open it in Excel, save it as .xlsx and send it again.", "mở bằng Excel, lưu dạng .xlsx rồi gửi lại."),
    ),
    "is_text": (
        Wording("it is plain text, not .{extension}.", "tệp là văn bản thuần, không phải .{extension}."),
        Wording(
            "if it is a table, rename it to .csv and send it again.",
            "nếu là bảng, đổi đuôi tệp thành .csv rồi gửi lại.",
        ),
    ),
    "json_array": (
        Wording(
            "it is one JSON array, not one answer on each line.",
            "tệp là một mảng JSON, không phải mỗi dòng một câu trả lời.",
        ),
        Wording(
            "write each answer on a line of its own (JSON Lines).",
            "ghi mỗi câu trả lời trên một dòng riêng (JSON Lines).",
        ),
    ),
    "nested": (
        Wording(
            "{columns} has lists or records within its cells.",
            "cột {columns} chứa danh sách hoặc bản ghi lồng trong ô.",
        ),
        Wording("send one value in each cell.", "gửi lại tệp với mỗi ô một giá trị."),
    ),
    "cut": (Wording("it breaks off within its last row.", "tệp bị cắt ngang ở dòng cuối."), SEND_WHOLE),
    "not_a_file": (
        Wording("it is {what}, not a file.", "đây là {what_vi}, không phải tệp."),
        Wording("put the file itself there.", "gửi chính tệp đó."),
    ),
    "took_too_long": (
        Wording("it could not be read within {limit} seconds.", "không đọc xong trong {limit} giây."),
        Wording(
            "send it in parts by commune; if that is refused too, tell those who run the warehouse.",
            "chia tệp theo xã, phường; nếu vẫn không được, báo bộ phận vận hành kho dữ liệu.",
        ),
    ),
    "took_too_much": (
        Wording(
            "it takes more memory to read than {limit} MB, or breaks its reader.",
            "cần nhiều bộ nhớ hơn {limit} MB để đọc, hoặc làm hỏng bộ đọc.",
        ),
        Wording(
            "send it as .csv or Parquet, or by commune; if that is refused too, tell those who run the warehouse.",
            "gửi .csv, Parquet hoặc chia theo xã, phường; nếu vẫn không được, báo bộ phận vận hành kho dữ liệu.",
        ),
    ),
    "reader_failed": (
        Wording("its reader did not know what to do with it ({error}).", "bộ đọc không xử lý được tệp ({error})."),
        Wording(
            "save it anew as .xlsx or .csv and send it; if that is refused too, tell those who run the warehouse.",
            "lưu lại dạng .xlsx hoặc .csv rồi gửi; nếu vẫn không được, báo bộ phận vận hành kho dữ liệu.",
        ),
    ),
    "name_odd": (
        Wording(
            "it is longer than {limit} bytes, or has signs that are no letters.",
            "tên tệp dài quá {limit} byte hoặc có ký tự không hợp lệ.",
        ),
        Wording("rename the file and send it again.", "đổi tên tệp rồi gửi lại."),
    ),
    "not_kept": (
        Wording("it was set aside without being read.", "tệp được tách riêng mà chưa đọc."),
        Wording("send the file again.", "gửi lại tệp."),
    ),
    "empty": (Wording("it cannot be read: it is empty.", "tệp rỗng."), SEND_WHOLE),
    "no_rows": (Wording("it has a header and no rows.", "tệp chỉ có dòng tiêu đề, không có dữ liệu."), SEND_AGAIN),
    "unclosed_quote": (
        Wording("it cannot be read: a quoted cell is not closed.", "không đọc được: có ô mở ngoặc kép mà không đóng."),
        SEND_AGAIN,
    ),
    "unfinished_header": (
        Wording("it breaks off within the header.", "tệp bị cắt ngang ở dòng tiêu đề."),
        SEND_WHOLE,
    ),
    "rows_do_not_parse": (
        Wording("it cannot be read: its rows do not parse.", "không đọc được: các dòng không đúng cấu trúc bảng."),
        SEND_AGAIN,
    ),
    "too_large": (
        Wording("it is larger than {limit} MB.", "tệp lớn hơn {limit} MB."),
        Wording("send it in parts by commune, or as Parquet.", "chia tệp theo xã, phường hoặc gửi dạng Parquet."),
    ),
    "unpacks_too_large": (
        Wording("it unpacks to more than can be read safely.", "nội dung sau khi giải nén vượt quá giới hạn an toàn."),
        Wording(
            "delete empty rows, columns and sheets that are not meant, or send it as .csv or Parquet.",
            "xóa các dòng, cột và trang tính thừa rồi gửi lại, hoặc gửi dạng .csv hay Parquet.",
        ),
    ),
    "locked": (
        Wording("it is locked with a password.", "tệp bị khóa bằng mật khẩu."),
        Wording("send it unlocked.", "bỏ mật khẩu rồi gửi lại."),
    ),
    "no_workbook": (
        Wording("it cannot be read: it is no whole Excel workbook.", "không đọc được: tệp Excel không nguyên vẹn."),
        Wording("open it in Excel, save it as .xlsx and send it again.", "mở bằng Excel, lưu dạng .xlsx rồi gửi lại."),
    ),
    "damaged": (Wording("it is damaged.", "trang tính bị hỏng."), SEND_WHOLE),
    "odd_error": (
        Wording(
            "row {row} has an error of a formula that no reader of workbooks knows.",
            "dòng {row} có lỗi công thức mà bộ đọc không nhận ra.",
        ),
        Wording(
            "put the value in place of the formula and send it again.", "thay công thức bằng giá trị rồi gửi lại."
        ),
    ),
    "rows_above": (
        Wording(
            "rows of data stand above the header that was found, down to row {row}.",
            "có các dòng dữ liệu phía trên dòng tiêu đề, đến dòng {row}.",
        ),
        Wording(
            "put one complete header above all rows and send it again.",
            "đặt một dòng tiêu đề đầy đủ phía trên tất cả các dòng rồi gửi lại.",
        ),
    ),
    "no_parquet": (
        Wording("it cannot be read: it is no whole Parquet file.", "không đọc được: tệp Parquet không nguyên vẹn."),
        SEND_WHOLE,
    ),
    "missing_columns": (
        Wording("it lacks {missing}. It has: {found}.", "thiếu cột {missing_vi}. Các cột đọc được: {found_vi}."),
        Wording("send the file with these columns.", "gửi lại tệp có đủ các cột này."),
    ),
    "other_feed": (
        Wording("it lacks {missing}. It has: {found}.", "thiếu cột {missing_vi}. Các cột đọc được: {found_vi}."),
        Wording(
            "it has the columns of {feed}; put it into that feed's folder, and the right file here.",
            "tệp có các cột của {feed}; chuyển tệp vào đúng thư mục đó và gửi đúng tệp cho nguồn này.",
        ),
    ),
    "column_twice": (
        Wording(
            "{columns} stands there twice, and the two differ.", "cột {columns} xuất hiện hai lần, nội dung khác nhau."
        ),
        Wording("keep the column that is meant.", "chỉ giữ lại cột đúng rồi gửi lại."),
    ),
    "missing_sheet": (
        Wording("it lacks the sheet of {sheets}.", "thiếu trang tính {sheets}."),
        Wording("send the workbook with its three sheets.", "gửi lại tệp có đủ ba trang tính."),
    ),
    "unmet": (Wording("{en}", "{vi}"), SEND_AGAIN),
}  # fmt: skip

# Why a row is set apart. `{column}` is the Vietnamese header of the column that a code names after its colon.
REASONS: dict[str, Wording] = {
    "type": Wording("{column} cannot be read", "không đọc được giá trị ở cột {column}"),
    "range": Wording("{column} is out of range", "giá trị ở cột {column} nằm ngoài khoảng cho phép"),
    "pattern": Wording("{column} has not the form of its kind", "giá trị ở cột {column} không đúng mẫu quy định"),
    "required": Wording("{column} is empty", "cột {column} bị bỏ trống"),
    "letters": Wording("letters in {column} are damaged", "chữ ở cột {column} bị lỗi phông, lỗi bảng mã"),
    "unit": Wording(
        "{column} is in thousands or millions, not in VND", "cột {column} ghi theo nghìn hoặc triệu đồng"
    ),
    "future": Wording("{column} is after the month", "ngày ở cột {column} sau tháng báo cáo"),
    "identity": Wording("{column} holds a personal number", "cột {column} chứa số định danh cá nhân"),
    "unknown_place": Wording("{column} is no known place", "không xác định được xã, phường ở cột {column}"),
    "place_conflict": Wording("commune code and name disagree", "mã và tên xã, phường không khớp nhau"),
    "foreign_commune": Wording(
        "the row belongs to another commune than the file name says", "dòng thuộc xã, phường khác với tên tệp"
    ),
    "duplicate_key": Wording("an earlier row has the same key", "trùng khóa với một dòng phía trên"),
    "cell_count": Wording("the row has a cell too many or too few", "dòng thừa hoặc thiếu ô so với tiêu đề"),
    "line_break_in_cell": Wording("a cell swallows the next line", "có ô nuốt sang dòng kế tiếp"),
    "stray_quote": Wording(
        "a quotation mark stands where no cell begins or ends", "có dấu ngoặc kép không ở đầu hoặc cuối ô"
    ),
    "unfinished_row": Wording("the last line has no end", "dòng cuối chưa kết thúc, tệp có thể bị cắt"),
    "not_json": Wording("the line is no answer of the service", "dòng không phải câu trả lời hợp lệ của dịch vụ"),
    "not_a_person": Wording("a line between people is no person", "dòng nằm giữa danh sách không phải một người"),
    "class_missing": Wording("the household's class is missing", "thiếu phân loại hộ trên dòng chủ hộ"),
    "head_row_rejected": Wording("the head's row was set apart", "dòng chủ hộ không hợp lệ nên cả hộ bị giữ lại"),
}  # fmt: skip

# What a row can say of its place beside the columns of the contract.
_PLACE_HEADERS = {"commune_name": "Tên xã, phường", "district_name": "Tên huyện", "province_name": "Tên tỉnh"}
_PLACES = {
    "the file name": "tên tệp", "the file": "tệp", "the manifest": "tệp kê khai", "the header": "dòng tiêu đề",
    "the columns": "các cột", "the answers": "các câu trả lời", "the workbook": "tệp Excel",
    "the delivery as a whole": "toàn bộ tệp",
}  # fmt: skip


class BrokenPromise(Exception):
    """A delivery breaks what its department promised; sending the same bytes again cannot help.

    `file` and `place` say where (`place` is a line, a sheet or "the file"), `promise` says what was broken, `owner` who
    can mend it and `next_step` how. `vietnamese` holds place, promise and next step for the letter to the department.
    """

    def __init__(self, *, file: str, place: str, code: str, owner: str, contract: str = "", **values: object) -> None:
        self._said = {
            "file": file, "place": place, "code": code, "owner": owner, "contract": contract, **values,
        }  # fmt: skip
        promise, step = PROMISES[code]
        promised = Wording(f" Promised by {contract}.", f" Theo cam kết dữ liệu {contract}.") if contract else ("", "")
        self.file, self.place, self.owner, self.code = file, place, owner, code
        self.promise, self.next_step = promise.en.format(**values) + promised[0], step.en.format(**values)
        self.vietnamese = {
            "place": place_in_vietnamese(place),
            "promise": promise.vi.format(**values) + promised[1],
            "next_step": step.vi.format(**values),
        }
        super().__init__(f"{file}, {place}: {self.promise} Owner: {owner}. Next: {self.next_step}")

    def __reduce__(self) -> tuple[Any, ...]:
        """As it passes between processes."""
        return functools.partial(BrokenPromise, **self._said), ()


def place_in_vietnamese(place: str) -> str:
    """A place in a file, as `BrokenPromise` names it, in Vietnamese."""
    text = _PLACES.get(place, place)
    return re.sub(r"\brow (?=\d)", "dòng ", re.sub(r"^sheet ", "trang tính ", text))


def reason(code: str, headers: dict[str, str]) -> Wording:
    """A reason code in words; `headers` are the Vietnamese headers by column."""
    kind, _, column = code.partition(":")
    wording = REASONS.get(kind, Wording(code, code))
    header = headers.get(column) or _PLACE_HEADERS.get(column, column)
    return Wording(wording.en.format(column=column), wording.vi.format(column=f"“{header}”"))
