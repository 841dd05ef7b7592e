"""Languages told by script, by words, and left alone where the text is too short."""

import pytest

from ascn_nlp import languages
from ascn_nlp.languages import FEW_WORDS, detect_language

TEXTS = {
    "en": "The council will publish every contract for the new sensors, and residents may inspect the "
    "register at the town hall on any working day without giving a reason.",
    "id": "Pemerintah kota menyatakan bahwa warga bisa menyampaikan keluhan lewat aplikasi, karena kantor "
    "kelurahan tutup pada hari Sabtu dan anggaran untuk layanan di kecamatan belum tersedia.",
    "ms": "Majlis bandaraya berkata bahawa penduduk boleh membuat aduan melalui aplikasi kerana pejabat "
    "ditutup pada hari Ahad, manakala syarikat itu ialah pembekal tunggal perkhidmatan maklumat.",
    "vi": "Chính quyền thành phố cho biết người dân có thể gửi phản ánh qua ứng dụng, vì văn phòng phường "
    "đóng cửa vào thứ bảy và kinh phí cho dịch vụ chưa được phê duyệt.",
    "tl": "Sinabi ng pamahalaang lungsod na maaaring magreklamo ang mga residente gamit ang aplikasyon "
    "dahil sarado ang tanggapan tuwing Sabado at wala pang pondo para sa serbisyo.",
    "th": "เทศบาลแจ้งว่าประชาชนสามารถร้องเรียนผ่านแอปพลิเคชันได้",
    "lo": "ເທດສະບານແຈ້ງວ່າປະຊາຊົນສາມາດຮ້ອງທຸກໄດ້",
    "km": "សាលាក្រុងបានប្រកាសថាប្រជាពលរដ្ឋអាចប្តឹងតាមកម្មវិធី",
    "my": "မြို့တော်ကောင်စီက ပြောကြားခဲ့သည်",
    "zh": "市政府表示居民可以通过应用程序投诉",
    "ta": "நகராட்சி மக்கள் புகார் அளிக்கலாம் என்று கூறியது",
}  # fmt: skip


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("declared", ["fr", "en", ""])
def test_a_text_is_known_by_its_language_whatever_its_document_is_in(language, declared):
    assert detect_language(TEXTS[language], declared) == language


def test_a_list_of_names_in_an_english_report_is_english_without_asking_the_identifier(monkeypatch):
    monkeypatch.setattr(languages, "_identifier", lambda: pytest.fail("asked"))
    names = "secretary Dewan Bandaraya, director Sengkang, member Kota Kinabalu, observer Luang Prabang, " * 4
    assert detect_language(names + "article 63, paragraph 4, section 2, annex, table, page", "en") == "en"


def test_a_short_text_takes_the_language_of_its_document():
    assert detect_language("Kota Kinabalu City Hall", "ms") == "ms"
    words = TEXTS["en"].split()
    assert detect_language(" ".join(words[: FEW_WORDS - 1]), "id") == "id"
    assert detect_language(" ".join(words[:FEW_WORDS]), "id") == "en"


def test_a_foreign_name_does_not_change_the_language():
    assert detect_language(TEXTS["en"] + " The Thai name is กรุงเทพ.", "") == "en"


def test_between_indonesian_and_malay_a_text_without_telltale_words_keeps_what_is_declared():
    text = (
        "Rakyat di sini akan membayar lebih untuk air dan tanah, dan anak mereka tidak pergi ke sekolah itu lagi. " * 2
    )
    assert detect_language(text, "ms") == "ms"
    assert detect_language(text, "id") == "id"


@pytest.mark.parametrize("declared", ["en", ""])
@pytest.mark.parametrize("text", ["Городской совет опубликует каждый договор на датчики.", "ستنشر المدينة كل عقد"])
def test_a_script_of_none_of_the_languages_is_not_taken_for_one_of_them(text, declared):
    assert detect_language(text, declared) == "und"


def test_nothing_has_the_language_it_is_said_to_have():
    assert detect_language("", "vi") == "vi"
    assert detect_language("12 345 | 67", "") == ""
