"""Checkpoints with random weights, of the very classes and file layouts that the public ones have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers.pre_tokenizers import ByteLevel
from torch.nn.functional import interpolate
from transformers import (
    DeiTConfig,
    DonutImageProcessor,
    DonutProcessor,
    DonutSwinConfig,
    MBartConfig,
    TrOCRConfig,
    VisionEncoderDecoderConfig,
    VisionEncoderDecoderModel,
    ViTConfig,
    XLMRobertaTokenizer,
)

from ocr_ensemble.weights.store import record

SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")
CORD_KEYS = (
    "menu", "nm", "num", "cnt", "unitprice", "price", "sub_total", "subtotal_price", "tax_price", "total",
    "total_price", "cashprice",
)  # fmt: skip


def lively(model: Any) -> Any:
    """Random weights large enough that different pictures give different tokens."""
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0.0, 0.25)
    return model


def lively_recognizer(network: Any) -> Any:
    """EasyOCR's network, its normalisation fitted to blotches, so that its classes depend on what it sees."""
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.dim() > 1:
                parameter.mul_(2.0)
        for _ in range(20):
            blotches = interpolate(torch.randint(0, 2, (4, 1, 8, 32)) * 2.0 - 1.0, size=(32, 128))
            network(blotches, "")
        network.eval()
        network.Prediction.weight.mul_(20.0)
        network.Prediction.bias.zero_()
        network.Prediction.bias.copy_(-network(blotches, "").mean((0, 1)))
    return network


def save_public_trocr(folder: Path, encoder: str = "vit") -> Path:
    """Laid out as microsoft/trocr-base-printed: vocab.json and merges.txt, a preprocessor_config.json of old."""
    vocabulary = {token: number for number, token in enumerate([*SPECIALS, *sorted(ByteLevel.alphabet()), "<mask>"])}
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    vision = (ViTConfig if encoder == "vit" else DeiTConfig)(image_size=384, patch_size=16, qkv_bias=False, **sizes)
    text = TrOCRConfig(
        vocab_size=len(vocabulary), d_model=24, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=32,
        max_position_embeddings=64, cross_attention_hidden_size=32, is_decoder=True, add_cross_attention=True,
        use_cache=False,
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(vision, text)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 2, 1, 2
    lively(VisionEncoderDecoderModel(config)).save_pretrained(folder)
    write_json(folder / "generation_config.json", {
        "_from_model_config": True, "bos_token_id": 0, "decoder_start_token_id": 2, "eos_token_id": 2,
        "max_new_tokens": 12, "pad_token_id": 1, "use_cache": False,
    })  # fmt: skip
    write_json(folder / "vocab.json", vocabulary)
    (folder / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
             "cls_token": "<s>", "mask_token": "<mask>"}  # fmt: skip
    write_json(folder / "special_tokens_map.json", names)
    write_json(folder / "tokenizer_config.json", {**names, "tokenizer_class": "RobertaTokenizer"})
    write_json(folder / "preprocessor_config.json", {
        "do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor",
        "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "resample": 2, "size": 384,
    })  # fmt: skip
    return folder


def save_public_donut(folder: Path) -> Path:
    """Laid out as naver-clova-ix/donut-base-finetuned-cord-v2, its start token not in the configuration."""
    letters = [(char, -float(number)) for number, char in enumerate("▁0123456789.,abcdefghijklmnopqrstuvwxyz")]
    tokenizer: Any = XLMRobertaTokenizer(vocab=[*((token, 0.0) for token in SPECIALS), *letters, ("<mask>", 0.0)])
    tags = [tag for key in CORD_KEYS for tag in (f"<s_{key}>", f"</s_{key}>")]
    tokenizer.add_tokens(["<s_iitcdip>", "<s_synthdog>", "<s_cord-v2>", "<sep/>", *tags], special_tokens=True)
    vision = DonutSwinConfig(
        image_size=[64, 48], patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 2], window_size=4
    )
    text = MBartConfig(
        vocab_size=len(tokenizer), d_model=32, encoder_layers=1, decoder_layers=1, decoder_attention_heads=2,
        encoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=48,
        is_decoder=True, add_cross_attention=True, is_encoder_decoder=False, scale_embedding=True,
        add_final_layer_norm=True,
    )  # fmt: skip
    config = VisionEncoderDecoderConfig.from_encoder_decoder_configs(vision, text)
    config.pad_token_id = 1
    lively(VisionEncoderDecoderModel(config)).save_pretrained(folder)
    images = DonutImageProcessor(size={"height": 64, "width": 48}, image_mean=[0.5] * 3, image_std=[0.5] * 3)
    DonutProcessor(image_processor=images, tokenizer=tokenizer).save_pretrained(folder)
    return folder


def save_official_easyocr(folder: Path) -> Path:
    """craft_mlt_25k.pth, which finds one box as large as the page, and latin_g2.pth; keys as in the official files."""
    from easyocr.config import recognition_models
    from easyocr.craft import CRAFT
    from easyocr.model.vgg_model import Model

    detector = lively(CRAFT(pretrained=False, freeze=False))
    with torch.no_grad():
        detector.conv_cls[-1].weight.zero_()
        detector.conv_cls[-1].bias.copy_(torch.tensor([1.0, 0.0]))
    characters = recognition_models["gen2"]["latin_g2"]["characters"]
    recognizer = Model(input_channel=1, output_channel=256, hidden_size=256, num_class=len(characters) + 1)
    folder.mkdir(parents=True, exist_ok=True)
    for name, network in (("craft_mlt_25k.pth", detector), ("latin_g2.pth", lively(recognizer))):
        torch.save({f"module.{key}": value for key, value in network.state_dict().items()}, folder / name)
    return folder


def save_custom_easyocr(folder: Path, characters: str = " 0123456789.,-abcdefghijklmnopqrstuvwxyzåäöé") -> Path:
    """tiny.yaml, tiny.py, tiny.pth, as the compact one."""
    from easyocr.model.vgg_model import Model

    sizes = {"input_channel": 1, "output_channel": 16, "hidden_size": 16}
    folder.mkdir(parents=True, exist_ok=True)
    network = lively_recognizer(Model(num_class=len(characters) + 1, **sizes))
    torch.save({f"module.{key}": value.half() if value.is_floating_point() else value
                for key, value in network.state_dict().items()}, folder / "tiny.pth")  # fmt: skip
    # JSON is YAML.
    write_json(folder / "tiny.yaml", {
        "network_params": sizes, "imgH": 32, "lang_list": ["en", "sv"], "character_list": characters,
    })  # fmt: skip
    (folder / "tiny.py").write_text("from easyocr.model.vgg_model import Model\n", "utf-8")
    return folder


def save_all(folder: Path) -> Path:
    """A folder of one's own with a checkpoint for each engine."""
    save_public_trocr(folder / "trocr")
    save_public_donut(folder / "donut")
    save_custom_easyocr(folder / "easyocr")
    record(folder / "easyocr", "own", "none")
    return folder


def write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data), "utf-8")
