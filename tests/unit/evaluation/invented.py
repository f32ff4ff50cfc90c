"""Tickets about matters that no shipped article speaks of, in German, Japanese and Chinese."""

from __future__ import annotations

INVENTED = {
    "gift_card": {
        "de": [
            "Kann ich bei euch eine Geschenkkarte kaufen?",
            "Wie löse ich meine Geschenkkarte ein?",
            "Ich möchte einen Geschenkgutschein über 50 Euro verschenken.",
            "Wie lange ist die Geschenkkarte gültig?",
            "Gibt es Geschenkkarten auch zum Ausdrucken?",
            "Wie hoch ist das Guthaben auf meiner Geschenkkarte?",
        ],
        "ja": [
            "ギフトカードは買えますか？",
            "ギフトカードの使い方を教えてください。",
            "プレゼント用に五千円のギフトカードを贈りたいです。",
            "ギフトカードの有効期限はいつまでですか？",
            "印刷できるギフトカードはありますか？",
            "ギフトカードの残高を確認したいです。",
        ],
        "zh": [
            "可以买礼品卡吗？",
            "礼品卡怎么使用？",
            "我想送朋友一张五百元的礼品卡。",
            "礼品卡的有效期是多久？",
            "有可以打印的礼品卡吗？",
            "怎么查礼品卡的余额？",
        ],
    },
    "recycling": {
        "de": [
            "Wie entsorge ich meine alte Batterie umweltgerecht?",
            "Nehmt ihr alte Lampen zum Recycling zurück?",
            "Wo kann ich Altgeräte und Batterien recyceln?",
            "Was mache ich mit dem Elektroschrott, gibt es eine Sammelstelle?",
            "Darf die alte Kamera in den Müll oder muss sie zum Recycling?",
            "Ich will den kaputten Akku umweltfreundlich entsorgen.",
        ],
        "ja": [
            "古い電池はどうやって処分すればいいですか？",
            "古いランプをリサイクルに出せますか？",
            "使わなくなった機器と電池のリサイクル先を教えてください。",
            "電子ごみの回収場所はありますか？",
            "古いカメラはごみに出していいですか、それともリサイクルですか？",
            "壊れたバッテリーを環境に優しく廃棄したいです。",
        ],
        "zh": [
            "旧电池怎么环保处理？",
            "你们回收旧灯吗？",
            "旧设备和电池在哪里回收？",
            "电子垃圾有回收点吗？",
            "旧摄像头可以扔垃圾桶吗，还是要回收？",
            "坏了的电池想环保处理，怎么回收？",
        ],
    },
    "loyalty_points": {
        "de": [
            "Wie viele Treuepunkte habe ich gesammelt?",
            "Wofür kann ich meine Bonuspunkte einlösen?",
            "Meine Punkte vom Treueprogramm fehlen.",
            "Verfallen die Treuepunkte am Jahresende?",
            "Bekomme ich Bonuspunkte für jeden Einkauf?",
            "Wie melde ich mich beim Treueprogramm an, um Punkte zu sammeln?",
        ],
        "ja": [
            "貯まったポイントは何ポイントありますか？",
            "ポイントは何に使えますか？",
            "会員プログラムのポイントが付いていません。",
            "ポイントは年末に失効しますか？",
            "買い物のたびにポイントがもらえますか？",
            "ポイントを貯める会員プログラムに入りたいです。",
        ],
        "zh": [
            "我一共有多少会员积分？",
            "积分可以兑换什么？",
            "会员计划的积分没有到账。",
            "积分年底会过期吗？",
            "每次购物都有积分吗？",
            "怎么加入会员计划攒积分？",
        ],
    },
}
ROWS = [
    (matter, language, text)
    for matter, by_language in INVENTED.items()
    for language, texts in by_language.items()
    for text in texts
]
