using System.Text.Json;

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
              "all": { "path": "loans.csv", "url": "https://example.org/loans.zip", "member": ["loans.zip", "loans.csv"], "sha256": "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF" },
              "later": { "path": "later.csv", "sha256": "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff", "trimEnd": { "grade": "." } }
            },
            "splits": {
              "train": { "file": "all", "modulo": 5, "remainders": [0, 2, 1, 4] },
              "validation": { "file": "all", "modulo": 5, "remainders": [3] },
              "test": { "file": "later" }
            }
          },
          "columns": [
            { "name": "age", "kind": "numeric", "description": "Age in years", "range": { "min": 0, "max": 120 }, "bins": [18, 25.5, 6.5e1] },
            { "name": "home", "kind": "categorical", "description": "Where they live.", "vocabulary": ["rent", "own", { "value": "?", "identifier": "NotTold", "description": "Not asked then." }] },
            { "name": "income", "kind": "numeric", "missing": { "policy": "zero" }, "bins": [-1], "encoding": ["log1p", "piecewise-linear:16"] },
            { "name": "officer", "role": "ignored", "reason": "Decides after the fact." },
            { "name": "sex", "kind": "categorical", "vocabulary": ["F", "M"] },
            { "name": "survey weight", "kind": "numeric", "role": "weight", "range": { "max": 10 } },
            { "name": "defaulted", "kind": "categorical", "role": "label", "vocabulary": ["no", "yes"] },
            { "name": "grade", "kind": "categorical", "role": "label", "missing": {}, "vocabulary": ["A", "B", "C"] },
            { "name": "loss", "kind": "numeric", "role": "label", "missing": { "marks": ["-"] }, "range": { "min": -0.25 } }
          ],
          "tasks": [
            { "name": "default", "kind": "binary", "column": "defaulted", "positive": ["yes"], "description": "Whether it is not paid back" },
            { "name": "grade", "kind": "multiclass", "column": "grade" },
            { "name": "loss-given", "kind": "regression", "column": "loss", "identifier": "Loss" }
          ],
          "training": { "num_experts": 4, "units": [8, 4], "learning_rate": 5e-4, "cpu": { "epoch_size": 10 }, "gpu": { "batch_size": 128, "tower_units": [] } }
        }
        """;

    /// <summary>The same with a sample, <see cref="Sample"/>.</summary>
    public static readonly string Sampled = Small.But("  \"columns\": [", "  \"sample\": \"loans.sample.csv\",\n  \"columns\": [");

    /// <summary>Rows of the small schema.</summary>
    public const string Sample = """
        |made up
        age; home; income; officer; sex; survey weight; defaulted; grade; loss
        41; rent; 1200.5; "x;y"; F; 1; no; A; 3
        28; ?; NA; ; M; 0.5; yes; ; -

        """;

    /// <summary>The least that a schema may say.</summary>
    public const string Least = """
        {
          "name": "least",
          "description": "As little as may be.",
          "source": {
            "files": { "all": { "path": "all.csv" } },
            "splits": {
              "train": { "file": "all", "modulo": 3, "remainders": [0] },
              "validation": { "file": "all", "modulo": 3, "remainders": [1] },
              "test": { "file": "all", "modulo": 3, "remainders": [2] }
            }
          },
          "columns": [
            { "name": "x", "kind": "numeric" },
            { "name": "y", "kind": "numeric", "role": "label" }
          ],
          "tasks": [ { "name": "y", "kind": "regression", "column": "y" } ]
        }
        """;

    /// <summary>Rows drawn on the spot.</summary>
    public const string Synthetic = """
        {
          "name": "waves",
          "description": "Sums of sines.",
          "source": { "generator": "synthetic-regression", "parameters": { "dimension": 2, "correlation": -0.5, "noise_variance": 1E-2, "test_rows": 7 } },
          "columns": [
            { "name": "x0", "kind": "numeric" },
            { "name": "x1", "kind": "numeric", "weight": true },
            { "name": "y0", "kind": "numeric", "role": "label" },
            { "name": "y1", "kind": "numeric", "role": "label" }
          ],
          "tasks": [
            { "name": "y0", "kind": "regression", "column": "y0" },
            { "name": "y1", "kind": "regression", "column": "y1" }
          ]
        }
        """;

    /// <summary>The least schema under another name.</summary>
    public static string Named(string name) => Least.Replace("\"least\"", $"\"{name}\"", StringComparison.Ordinal);

    /// <summary>The least schema with a categorical feature of these values, whatever they are: its files have a quote.</summary>
    public static string WithValues(IEnumerable<string> values, string column = "kind of thing") => Least
        .But("\"As little as may be.\",", "\"As little as may be.\", \"format\": { \"quote\": \"\\\"\" },")
        .But(
            "{ \"name\": \"x\", \"kind\": \"numeric\" }",
            $"{{ \"name\": {JsonSerializer.Serialize(column)}, \"kind\": \"categorical\", "
            + $"\"vocabulary\": {JsonSerializer.Serialize(values)} }}");

    /// <summary>A text with one occurrence of a part replaced; it must be there, once.</summary>
    public static string But(this string schema, string part, string replacement)
    {
        Assert.Equal(2, schema.Split(part).Length);
        return schema.Replace(part, replacement, StringComparison.Ordinal);
    }
}
