namespace Mmoe.Generators.Tests.Helpers;

/// <summary>The schemas that tests start from.</summary>
internal static class Schemas
{
    /// <summary>Every kind of column and task, in a size that can be read.</summary>
    public const string Small = """
        {
          "name": "small-loans",
          "description": "Loans <of> a \"fictitious\" bank & its customers.",
          "homepage": "https://example.org/loans",
          "license": "CC BY 4.0",
          "num_features": 7,
          "format": { "delimiter": ";", "header": true, "quote": "\"", "comment": "|", "trim": true, "missing": ["", "NA"] },
          "source": {
            "files": {
              "all": { "path": "loans.csv", "url": "https://example.org/loans.zip", "member": ["loans.zip", "loans.csv"] },
              "later": { "path": "later.csv", "sha256": "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff", "trimEnd": { "grade": "." } }
            },
            "splits": {
              "train": { "file": "all", "modulo": 5, "remainders": [0, 2, 1, 4] },
              "validation": { "file": "all", "modulo": 5, "remainders": [3] },
              "test": { "file": "later" }
            }
          },
          "columns": [
            { "name": "age", "kind": "numeric", "description": "Age in years" },
            { "name": "home", "kind": "categorical", "description": "Where they live.", "vocabulary": ["rent", "own", { "value": "?", "identifier": "NotTold", "description": "Not asked then." }] },
            { "name": "income", "kind": "numeric", "missing": { "policy": "zero" } },
            { "name": "officer", "role": "ignored", "reason": "Decides after the fact." },
            { "name": "sex", "kind": "categorical", "vocabulary": ["F", "M"] },
            { "name": "survey weight", "kind": "numeric", "role": "weight" },
            { "name": "defaulted", "kind": "categorical", "role": "label", "vocabulary": ["no", "yes"] },
            { "name": "grade", "kind": "categorical", "role": "label", "missing": {}, "vocabulary": ["A", "B", "C"] },
            { "name": "loss", "kind": "numeric", "role": "label", "missing": { "marks": ["-"] } }
          ],
          "tasks": [
            { "name": "default", "kind": "binary", "column": "defaulted", "positive": ["yes"], "description": "Whether it is not paid back" },
            { "name": "grade", "kind": "multiclass", "column": "grade" },
            { "name": "loss-given", "kind": "regression", "column": "loss", "identifier": "Loss" }
          ],
          "training": { "num_experts": 4, "units": [8, 4], "learning_rate": 5e-4, "cpu": { "epoch_size": 10 }, "gpu": { "batch_size": 128, "tower_units": [] } }
        }
        """;
}
