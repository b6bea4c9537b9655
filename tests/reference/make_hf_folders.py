#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/reference/hf: a tiny random model of each BERT class of the package transformers, as a
folder, and in expected.json what the class says to a few inputs. test_saved.c opens the folders and
must say the same. Needs torch, transformers 5, safetensors. Run it in this folder."""
import json
import os
import shutil

import torch
import transformers
from safetensors.torch import load_file, save_file

WORDS = """the a one boat river light stone quiet old green walked sang saw under over and then never
again harbour winter apple clock letter window ##s ##ed ##ing ##ly wind salt paper bridge road night
morning garden wolf bread glass mill oar lamp song tide . , ? ! who what where""".split()
VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
VOCAB += [f"[unused{i}]" for i in range(72 - len(VOCAB))]
TEXTS = [("the old boat sang", None), ("a quiet river", "who walked over the bridge ?"),
         ("never again , never again , never again", "salt wind and stones"), ("light", None)]
CHOICES = ("the wolf saw", ["a lamp", "bread and apples", "the green garden at night"])


def config(**more):
    return transformers.BertConfig(
        vocab_size=len(VOCAB), hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=12, max_position_embeddings=20, attn_implementation="eager", **more)


def plain(name):
    """A BertModel's file as old ones are: no prefix, gamma and beta."""
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


# folder: class, its configuration, type of the tensors, names, tokenizer file, cased
FOLDERS = {
    "model": (transformers.BertModel, {}, torch.float16, plain, "vocab.txt", False),
    "classify": (transformers.BertForSequenceClassification,
                 {"id2label": {0: "no", 1: "maybe", 2: "yes"}, "hidden_act": "gelu_new"},
                 torch.float32, None, "tokenizer.json", False),
    "regress": (transformers.BertForSequenceClassification,
                {"num_labels": 1, "layer_norm_eps": 1e-3}, torch.bfloat16, None, "vocab.txt", True),
    "tag": (transformers.BertForTokenClassification,
            {"id2label": {0: "O", 1: "B-X", 2: "I-X", 3: "B-Y"}, "hidden_act": "relu"},
            torch.float32, None, "vocab.txt", True),
    "span": (transformers.BertForQuestionAnswering, {}, torch.float32, None, "vocab.txt", False),
    "choice": (transformers.BertForMultipleChoice, {"hidden_act": "gelu_pytorch_tanh"},
               torch.float32, None, "vocab.txt", False),
    "lm": (transformers.BertLMHeadModel, {"is_decoder": True}, torch.float32, None, "vocab.txt", False),
    "decoder": (transformers.BertForTokenClassification, {"num_labels": 2, "is_decoder": True},
                torch.float32, None, "vocab.txt", False),
    "nsp": (transformers.BertForNextSentencePrediction, {}, torch.float32, None, "vocab.txt", False),
    "mlm": (transformers.BertForPreTraining, {}, torch.float32, None, "tokenizer.json", False),
}


def tokenizer_json(cased):
    return {"version": "1.0",
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                           "strip_accents": None, "lowercase": not cased},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": {p: i for i, p in enumerate(VOCAB)}}}


def write_folder(name):
    kind, more, dtype, rename, tokens, cased = FOLDERS[name]
    torch.manual_seed(len(name))
    model = kind(config(**more)).eval()
    with torch.no_grad():
        for weight in model.parameters():  # far from zero, so that every term counts
            weight.add_(torch.randn_like(weight) * .4)
            weight.copy_(weight.to(dtype).float())
    shutil.rmtree(name, ignore_errors=True)
    model.save_pretrained(name)
    path = f"{name}/model.safetensors"
    weights = {(rename or str)(k): v.to(dtype).contiguous() for k, v in load_file(path).items()}
    if rename:
        weights["embeddings.position_ids"] = torch.arange(20).reshape(1, 20)
    save_file(weights, path, {"format": "pt"})
    if tokens == "vocab.txt":
        with open(f"{name}/vocab.txt", "w") as f:
            f.writelines(p + "\n" for p in VOCAB)
        with open(f"{name}/tokenizer_config.json", "w") as f:
            json.dump({"do_lower_case": not cased}, f)
            f.write("\n")
    else:
        with open(f"{name}/tokenizer.json", "w") as f:
            json.dump(tokenizer_json(cased), f, indent=1)
            f.write("\n")
    return model


def encode(a, b):
    """[CLS] a [SEP] b [SEP]; every word of the texts is a piece, or one with ##s."""
    def ids(text):
        out = []
        for word in text.split():
            stem = word[:-1] if word not in VOCAB and word.endswith("s") else word
            out += [VOCAB.index(stem) if stem in VOCAB else 1]
            out += [VOCAB.index("##s")] if stem != word else []
        return out

    first = [2] + ids(a) + [3]
    second = ids(b) + [3] if b is not None else []
    return {"input_ids": torch.tensor([first + second]),
            "token_type_ids": torch.tensor([[0] * len(first) + [1] * len(second)])}


def numbers(tensor):
    return [round(x, 7) for x in tensor.flatten().tolist()]


def say(name, model, a, b):
    inputs = encode(a, b)
    case = {"a": a, "b": b, "ids": inputs["input_ids"][0].tolist()}
    if name == "mlm":
        ids = inputs["input_ids"][0]
        target = 1
        case |= {"target": int(ids[target]), "row": target}
        ids[target] = 4
        out = model(**inputs)
        case["mlm_loss"] = torch.nn.functional.cross_entropy(
            out.prediction_logits[0, target], torch.tensor(case["target"])).item()
        case["nsp_loss"] = torch.nn.functional.cross_entropy(
            out.seq_relationship_logits[0], torch.tensor(1)).item()
    elif name == "lm":
        target = inputs["input_ids"][0, 2]
        case |= {"target": int(target), "row": 1}
        case["lm_loss"] = torch.nn.functional.cross_entropy(model(**inputs).logits[0, 1], target).item()
    elif name == "model":
        states = model(**inputs, output_hidden_states=True).hidden_states
        case["layers"] = [numbers(s) for s in states]
    elif name == "span":
        out = model(**inputs)
        case["scores"] = numbers(torch.stack([out.start_logits[0], out.end_logits[0]], 1))
    else:
        logits = model(**inputs).logits[0]
        case["scores"] = numbers(logits if name == "regress" else logits.softmax(-1))
    return case


def say_choice(model):
    a, choices = CHOICES
    logits = [model(**{k: v[None] for k, v in encode(a, b).items()}).logits[0, 0] for b in choices]
    return {"a": a, "choices": choices, "scores": numbers(torch.stack(logits).softmax(-1))}


def main():
    os.makedirs("hf", exist_ok=True)
    os.chdir("hf")
    expected = {}
    with torch.no_grad():
        for name in FOLDERS:
            model = write_folder(name)
            expected[name] = [say_choice(model)] if name == "choice" else \
                [say(name, model, a, b) for a, b in TEXTS]
    with open("expected.json", "w") as f:
        json.dump({"made_by": f"transformers {transformers.__version__}", "cases": expected}, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main()
