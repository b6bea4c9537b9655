# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a checkpoint for the classification of sentences or pairs, with Transformers' Trainer."""

import csv
import gzip
import logging
import os
import sys
from dataclasses import dataclass, field
from typing import Optional

import numpy as np
import torch
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    HfArgumentParser,
    Trainer,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_utils import get_last_checkpoint

logger = logging.getLogger(__name__)


@dataclass
class ModelArguments:
    model_name_or_path: str = field(metadata={"help": "Path of the pretrained checkpoint"})
    dropout: Optional[float] = field(
        default=None, metadata={"help": "Dropout of hidden states, attention and classifier; None: the checkpoint's"}
    )


@dataclass
class DataTrainingArguments:
    train_file: str = field(metadata={"help": "TSV with a header, plain or .gz"})
    validation_file: str = field(metadata={"help": "TSV with a header, plain or .gz"})
    text_column: str = field(default="sentence", metadata={"help": "Column of the text"})
    pair_column: Optional[str] = field(default=None, metadata={"help": "Column of the second text of a pair"})
    label_column: str = field(default="label", metadata={"help": "Column of the class"})
    max_seq_length: int = field(default=64, metadata={"help": "Longer texts are cut"})
    max_train_samples: Optional[int] = field(default=None, metadata={"help": "Train on the first rows only"})
    max_eval_samples: Optional[int] = field(default=None, metadata={"help": "Evaluate on the first rows only"})


class Rows(torch.utils.data.Dataset):
    def __init__(self, path, data_args, tokenizer, limit, classes=None):
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[:limit]
        texts = [row[data_args.text_column] for row in rows]
        pairs = [row[data_args.pair_column] for row in rows] if data_args.pair_column else None
        self.classes = classes or sorted({row[data_args.label_column] for row in rows})
        self.labels = [self.classes.index(row[data_args.label_column]) for row in rows]
        self.encoded = tokenizer(texts, pairs, truncation=True, max_length=data_args.max_seq_length)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {**{name: values[i] for name, values in self.encoded.items()}, "labels": self.labels[i]}


def main():
    parser = HfArgumentParser((ModelArguments, DataTrainingArguments, TrainingArguments))
    model_args, data_args, training_args = parser.parse_args_into_dataclasses()
    logging.basicConfig(level=logging.INFO, handlers=[logging.StreamHandler(sys.stdout)])
    set_seed(training_args.seed)

    last_checkpoint = None
    if os.path.isdir(training_args.output_dir):
        last_checkpoint = get_last_checkpoint(training_args.output_dir)
        if last_checkpoint:
            logger.info("Going on from %s", last_checkpoint)

    tokenizer = AutoTokenizer.from_pretrained(model_args.model_name_or_path)
    train_dataset = Rows(data_args.train_file, data_args, tokenizer, data_args.max_train_samples)
    eval_dataset = Rows(
        data_args.validation_file, data_args, tokenizer, data_args.max_eval_samples, train_dataset.classes
    )

    config = AutoConfig.from_pretrained(model_args.model_name_or_path, num_labels=len(train_dataset.classes))
    if model_args.dropout is not None:
        config.hidden_dropout_prob = model_args.dropout
        config.attention_probs_dropout_prob = model_args.dropout
    model = AutoModelForSequenceClassification.from_pretrained(model_args.model_name_or_path, config=config)

    def compute_metrics(prediction):
        return {"accuracy": float((np.argmax(prediction.predictions, axis=1) == prediction.label_ids).mean())}

    trainer = Trainer(
        model=model,
        args=training_args,
        train_dataset=train_dataset if training_args.do_train else None,
        eval_dataset=eval_dataset if training_args.do_eval else None,
        compute_metrics=compute_metrics,
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
    )
    if training_args.do_train:
        result = trainer.train(resume_from_checkpoint=last_checkpoint)
        trainer.log_metrics("train", result.metrics)
        trainer.save_metrics("train", result.metrics)
        trainer.save_state()
    if training_args.do_eval:
        metrics = trainer.evaluate()
        trainer.log_metrics("eval", metrics)
        trainer.save_metrics("eval", metrics)


if __name__ == "__main__":
    main()
