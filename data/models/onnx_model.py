"""The encoder as an ONNX graph in single precision: for other engines to run, as a peer in speed and a reference for parity.

usage: onnx_model.py OUT.onnx        needs: pip install onnx numpy safetensors
Inputs: ids and mask (texts, tokens) int64. Output: vector (texts, 384), the mean of the token states.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from weights import weights


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.count = [], {}, 0

    def constant(self, value, name=None):
        name = name or f"c{len(self.constants)}"
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def __call__(self, kind, *inputs, **attributes):
        self.count += 1
        out = f"x{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def norm(self, x, scale, bias, epsilon):
        return self("LayerNormalization", x, self.constant(scale), self.constant(bias), axis=-1, epsilon=epsilon)

    def linear(self, x, w, name):
        return self("Add", self("MatMul", x, self.constant(w[name + ".w"].T)), self.constant(w[name + ".b"]))

    def gelu(self, x):
        half = self("Mul", x, self.constant(np.float32(0.5)))
        erf = self("Erf", self("Mul", x, self.constant(np.float32(0.5 ** 0.5))))
        return self("Mul", half, self("Add", erf, self.constant(np.float32(1))))


def build():
    w, facts = weights()
    heads, epsilon = int(facts["heads"]), float(facts["epsilon"])
    width = w["emb.pos"].shape[1]
    g = Graph()
    length = g("Shape", "ids", start=1, end=2)
    positions = g("Slice", g.constant(w["emb.pos"] + w["emb.type"][0]), g.constant(np.array([0])), length, g.constant(np.array([0])))
    x = g("Add", g("Gather", g.constant(w["emb.word"]), "ids"), positions)
    x = g.norm(x, w["emb.ln.w"], w["emb.ln.b"], epsilon)
    seen = g("Cast", "mask", to=TensorProto.FLOAT)
    bias = g("Mul", g("Sub", g.constant(np.float32(1)), g("Unsqueeze", seen, g.constant(np.array([1, 2])))), g.constant(np.float32(-1e9)))
    split = g.constant(np.array([0, 0, heads, width // heads]))
    joined = g.constant(np.array([0, 0, width]))
    for layer in range(sum(name.endswith(".q.w") for name in w)):
        p = f"l{layer}."
        q, k, v = (g("Reshape", g.linear(x, w, p + part), split) for part in "qkv")
        q, v = g("Transpose", q, perm=[0, 2, 1, 3]), g("Transpose", v, perm=[0, 2, 1, 3])
        k = g("Transpose", k, perm=[0, 2, 3, 1])
        scores = g("Mul", g("MatMul", q, k), g.constant(np.float32((width // heads) ** -0.5)))
        mixed = g("MatMul", g("Softmax", g("Add", scores, bias), axis=-1), v)
        a = g("Reshape", g("Transpose", mixed, perm=[0, 2, 1, 3]), joined)
        x = g.norm(g("Add", x, g.linear(a, w, p + "ao")), w[p + "aln.w"], w[p + "aln.b"], epsilon)
        h = g.linear(g.gelu(g.linear(x, w, p + "fi")), w, p + "fo")
        x = g.norm(g("Add", x, h), w[p + "oln.w"], w[p + "oln.b"], epsilon)
    m = g("Unsqueeze", seen, g.constant(np.array([2])))
    total = g("ReduceSum", g("Mul", x, m), g.constant(np.array([1])), keepdims=0)
    count = g("ReduceSum", m, g.constant(np.array([1])), keepdims=0)
    g.nodes.append(helper.make_node("Div", [total, count], ["vector"]))
    shape = ["texts", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")]
    outputs = [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["texts", width])]
    graph = helper.make_graph(g.nodes, "encoder", inputs, outputs, list(g.constants.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    onnx.save(build(), sys.argv[1])
