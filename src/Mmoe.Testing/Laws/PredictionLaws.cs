using System.Reflection;

namespace Mmoe.Testing;

/// <summary>Laws of prediction records.</summary>
internal static class PredictionLaws
{
    public static IEnumerable<string> InPlace(IDataset dataset) => dataset.Accept(new Outputs());

    /// <summary>Reads the record by reflection: nothing of it is known but that its parts stand in the order of the tasks.</summary>
    private sealed class Outputs : IDatasetVisitor<IEnumerable<string>>
    {
        public IEnumerable<string> Visit<TDataset, TRow, TPrediction>()
            where TDataset : IDataset<TRow, TPrediction>
            where TRow : class, IEquatable<TRow>
        {
            var tasks = TDataset.Descriptor.Tasks;
            var parts = Parts(typeof(TPrediction));
            if (parts.Length != tasks.Count)
            {
                return [$"a prediction has {parts.Length} parts for {tasks.Count} tasks"];
            }

            // Every output is another number; each of a multi-class task is once the largest.
            var width = tasks.Sum(t => t.OutputWidth);
            var problems = new List<string>();
            for (var shift = 0; shift < tasks.Max(t => t.OutputWidth); shift++)
            {
                var outputs = new float[width];
                var start = 0;
                foreach (var task in tasks)
                {
                    for (var i = 0; i < task.OutputWidth; i++)
                    {
                        outputs[start + i] = (1f + start + ((i + shift) % task.OutputWidth)) / (width + 1);
                    }

                    start += task.OutputWidth;
                }

                object prediction = TDataset.ToPrediction(outputs)!;
                start = 0;
                foreach (var (task, part) in tasks.Zip(parts))
                {
                    var own = outputs.AsSpan(start, task.OutputWidth).ToArray();
                    var read = Read(part.GetValue(prediction)!);
                    var expected = task is MulticlassTask ? (own, Array.IndexOf(own, own.Max())) : (own, -1);
                    if (!read.Values.SequenceEqual(expected.own) || read.MostLikely != expected.Item2)
                    {
                        problems.Add($"task '{task.Name}': the outputs [{string.Join(", ", own)}] become {part.GetValue(prediction)}");
                    }

                    start += task.OutputWidth;
                }

                if (problems.Count > 0)
                {
                    break;
                }
            }

            return problems;
        }

        private static PropertyInfo[] Parts(Type prediction) => prediction.GetConstructors()
            .Select(c => c.GetParameters())
            .OrderByDescending(p => p.Length)
            .First()
            .Select(p => prediction.GetProperty(p.Name!)!)
            .ToArray();

        /// <summary>The numbers of a part, and the code of its likeliest class; -1 where a part has none.</summary>
        private static (float[] Values, int MostLikely) Read(object part) => part switch
        {
            BinaryPrediction binary => ([binary.Probability], -1),
            RegressionPrediction regression => ([regression.Value], -1),
            _ => (
                [.. (IEnumerable<float>)part.GetType().GetProperty(nameof(MulticlassPrediction<int>.Probabilities))!.GetValue(part)!],
                Code(part.GetType().GetProperty(nameof(MulticlassPrediction<int>.MostLikely))!.GetValue(part)!)),
        };

        /// <summary>A vocabulary of up to 256 values is an enum whose numbers are codes; a larger one a struct over its code.</summary>
        private static int Code(object value) =>
            value is Enum member ? Convert.ToInt32(member, null) : (int)value.GetType().GetProperty("Code")!.GetValue(value)!;
    }
}
