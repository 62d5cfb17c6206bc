"""The LSTM as `transformers` sees it: after `import core.models.lstm` the Auto classes open its folders.

    import core.models.lstm
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained("assets/models/lstm")
    tokenizer = AutoTokenizer.from_pretrained("assets/models/lstm")

The arithmetic is that of `core.models.nets.lstm`. The engine never imports this file.
"""

from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor, nn
from torch.nn import functional as F
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.modeling_outputs import CausalLMOutput

from core.models.nets.lstm import Lstm


class LookbothLstmConfig(PreTrainedConfig):  # type: ignore[no-untyped-call]
    """The sizes of the network, by the names of its config.json."""

    model_type = "lookboth_lstm"
    attribute_map: ClassVar[dict[str, str]] = {"num_hidden_layers": "num_layers"}

    vocab_size: int = 4096
    embedding_size: int = 160
    hidden_size: int = 256
    num_layers: int = 2
    max_position_embeddings: int = 128
    tie_word_embeddings: bool = True


class LookbothLstmForCausalLM(PreTrainedModel):  # type: ignore[no-untyped-call]
    """Embedding, LSTM layers and projection of an `Lstm`, under the names they have on disk."""

    config_class = LookbothLstmConfig

    def __init__(self, config: LookbothLstmConfig) -> None:
        super().__init__(config)
        net = Lstm.from_config(config.to_dict())
        self.embedding, self.lstm, self.project = net.embedding, net.lstm, net.project
        # In a tuple torch does not count the network as a part of this module; its parts are, once.
        self._net = (net,)
        self.post_init()  # type: ignore[no-untyped-call]

    def get_input_embeddings(self) -> nn.Module:
        return self.embedding

    def set_input_embeddings(self, value: nn.Module) -> None:
        if not isinstance(value, nn.Embedding):
            raise TypeError(f"The embedding of an LSTM is an nn.Embedding, not a {type(value).__name__}.")
        self.embedding = self._net[0].embedding = value

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, labels: Tensor | None = None, **_: Any
    ) -> CausalLMOutput:
        """Logits (B, T, vocabulary) for what follows each of the ids (B, T).

        `labels` (B, T) are the ids themselves, -100 where nothing is asked; the loss is the mean cross-entropy in
        nats. Padding must stand on the right, where nothing that counts can see it; ValueError otherwise.
        """
        if attention_mask is not None and bool((attention_mask[:, 1:] > attention_mask[:, :-1]).any()):
            raise ValueError("Pad on the right: an LSTM reads from left to right and would read the padding first.")
        net = self._net[0]
        logits = net.head(net.hidden(input_ids))
        loss = None
        if labels is not None:
            loss = F.cross_entropy(logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten(), ignore_index=-100)
        return CausalLMOutput(loss=loss, logits=logits)


AutoConfig.register(LookbothLstmConfig.model_type, LookbothLstmConfig, exist_ok=True)
AutoModelForCausalLM.register(LookbothLstmConfig, LookbothLstmForCausalLM, exist_ok=True)
AutoTokenizer.register(  # type: ignore[no-untyped-call]
    LookbothLstmConfig, tokenizer_class=PreTrainedTokenizerFast, exist_ok=True
)
