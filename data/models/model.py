"""The encoder in PyTorch, as finetune.py trains its adapters. States are (texts, tokens, width)."""
import torch
import torch.nn.functional as F

from weights import weights


class Encoder(torch.nn.Module):
    def __init__(self, device="cpu"):
        super().__init__()
        tensors, facts = weights()
        self.w = {name: torch.from_numpy(value).to(device) for name, value in tensors.items() if not name.startswith("tokens.")}
        self.heads, self.epsilon = int(facts["heads"]), float(facts["epsilon"])
        self.layers = sum(name.endswith(".q.w") for name in self.w)

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".w"], self.w[name + ".b"])

    def drop(self, x):
        return x

    def norm(self, x, name):
        return F.layer_norm(x, (x.shape[-1],), self.w[name + ".w"], self.w[name + ".b"], self.epsilon)

    def states(self, ids, lengths):
        """Token states of texts of padded token ids (texts, tokens)."""
        n, t = ids.shape
        x = self.norm(self.w["emb.word"][ids] + self.w["emb.pos"][:t] + self.w["emb.type"][0], "emb.ln")
        seen = (torch.arange(t, device=ids.device) < lengths[:, None])[:, None, None, :]
        for layer in range(self.layers):
            p = f"l{layer}."
            q, k, v = (self.linear(x, p + part).view(n, t, self.heads, -1).transpose(1, 2) for part in "qkv")
            a = F.scaled_dot_product_attention(q, k, v, attn_mask=seen).transpose(1, 2).reshape(n, t, -1)
            x = self.norm(x + self.drop(self.linear(a, p + "ao")), p + "aln")
            x = self.norm(x + self.drop(self.linear(F.gelu(self.linear(x, p + "fi")), p + "fo")), p + "oln")
        return x
