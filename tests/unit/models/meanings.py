"""Sentences that share their words and mean something else, the same ones in six languages."""

from __future__ import annotations

NEGATED: dict[str, dict[str, tuple[str, str]]] = {
    "satisfied": {
        "en": ("I am not happy with the service", "I am happy with the service"),
        "es": ("No estoy contento con el servicio", "Estoy contento con el servicio"),
        "fr": ("Je ne suis pas content du service", "Je suis content du service"),
        "de": ("Ich bin mit dem Service nicht zufrieden", "Ich bin mit dem Service zufrieden"),
        "ja": ("サービスに満足していません", "サービスに満足しています"),
        "zh": ("我对服务不满意", "我对服务很满意"),
    },
    "works": {
        "en": ("this does not work", "this works"),
        "es": ("Esto no funciona", "Esto funciona"),
        "fr": ("Ça ne marche pas", "Ça marche"),
        "de": ("Das funktioniert nicht", "Das funktioniert"),
        "ja": ("これは動きません", "これは動きます"),
        "zh": ("这个不能用", "这个能用"),
    },
    "received": {
        "en": ("I never received my parcel", "I received my parcel"),
        "es": ("Nunca recibí mi paquete", "Recibí mi paquete"),
        "fr": ("Je n'ai jamais reçu mon colis", "J'ai reçu mon colis"),
        "de": ("Ich habe mein Paket nie bekommen", "Ich habe mein Paket bekommen"),
        "ja": ("荷物が届いていません", "荷物が届いています"),
        "zh": ("我没有收到包裹", "我收到了包裹"),
    },
    "login": {
        "en": ("I can't log in", "I can log in"),
        "es": ("No puedo iniciar sesión", "Puedo iniciar sesión"),
        "fr": ("Je ne peux pas me connecter", "Je peux me connecter"),
        "de": ("Ich kann mich nicht anmelden", "Ich kann mich anmelden"),
        "ja": ("ログインできません", "ログインできます"),
        "zh": ("我无法登录", "我可以登录"),
    },
    "good": {
        "en": ("not a good product", "a good product"),
        "es": ("no es un buen producto", "es un buen producto"),
        "fr": ("ce n'est pas un bon produit", "c'est un bon produit"),
        "de": ("kein gutes Produkt", "ein gutes Produkt"),
        "ja": ("良い商品ではありません", "良い商品です"),
        "zh": ("不是好产品", "是好产品"),
    },
    "cancel": {
        "en": ("do not cancel my order", "cancel my order"),
        "es": ("no cancele mi pedido", "cancele mi pedido"),
        "fr": ("n'annulez pas ma commande", "annulez ma commande"),
        "de": ("Stornieren Sie meine Bestellung nicht", "Stornieren Sie meine Bestellung"),
        "ja": ("注文をキャンセルしないでください", "注文をキャンセルしてください"),
        "zh": ("不要取消我的订单", "取消我的订单"),
    },
}
"""By meaning and language: with and without the negation."""
REORDERED: dict[str, tuple[str, str]] = {
    "en": ("refund the charge", "charge the refund"),
    "es": ("cambiar de básico a premium", "cambiar de premium a básico"),
    "fr": (
        "annulez la nouvelle commande et gardez l'ancienne",
        "annulez l'ancienne commande et gardez la nouvelle",
    ),
    "de": ("die weiße Lampe zurück, die schwarze behalten", "die schwarze Lampe zurück, die weiße behalten"),
    "ja": ("新しい注文をキャンセルして古い注文を残す", "古い注文をキャンセルして新しい注文を残す"),
    "zh": ("取消新订单，保留旧订单", "取消旧订单，保留新订单"),
}
"""By language: the same words in two orders."""
