using System.Globalization;
using Mmoe.Data;
using Mmoe.Model;
using Mmoe.Model.Tests.Datasets;

/// <summary>The programs of docs/prediction.md as methods; a test compares them with the page.</summary>
internal static class PredictionPrograms
{
    public static int Typed(string checkpoint)
    {
        var faults = new List<Fault>();
        if (Predictor<Loans, Loans.Row, Loans.Prediction>.Load(checkpoint, faults) is not { } predictor)
        {
            faults.ForEach(Console.Error.WriteLine);
            return 1;
        }

        var row = new Loans.Row { Age = 34, Home = Loans.Home.Rent, Income = null };
        Console.WriteLine(predictor.Predict(row).Default.Probability);
        return 0;
    }

    public static Loans.Prediction[] Batch(Predictor<Loans, Loans.Row, Loans.Prediction> predictor, Loans.Row[] rows)
    {
        var predictions = new Loans.Prediction[rows.Length];
        predictor.Predict(rows, predictions);
        return predictions;
    }

    public static Loans.Prediction Doubtful(Predictor<Loans, Loans.Row, Loans.Prediction> predictor, Loans.Row row, List<Fault> faults)
    {
        if (!predictor.TryPredict(row, out var prediction, faults))
        {
            faults.ForEach(Console.Error.WriteLine);
        }

        return prediction;
    }

    public static int ByName(string checkpoint, string name, string file, List<Fault> faults)
    {
        var dataset = Registry.All.Datasets.Single(known => known.Descriptor.Name == name).Descriptor;
        if (Predictor.Load(checkpoint, dataset, faults) is not { } predictor)
        {
            faults.ForEach(Console.Error.WriteLine);
            return 1;
        }

        using var stream = File.OpenRead(file);
        return PredictRecords(predictor, stream, file, Console.Out, Console.Error);
    }

    public static int PredictRecords(Predictor predictor, Stream stream, string file, TextWriter output, TextWriter errors)
    {
        var format = predictor.Dataset.Format;
        var outputs = new float[predictor.OutputWidth];
        var (faults, records, refused) = (new List<Fault>(), 0, 0);
        using var reader = new CsvReader(stream, format, file);
        var step = reader.Read();
        if (format.Header && step == CsvStep.Record)
        {
            if (!predictor.CheckHeader(reader.Current, faults))
            {
                faults.ForEach(errors.WriteLine);
                return 1;
            }

            step = reader.Read();
        }

        for (; step == CsvStep.Record; step = reader.Read(), records++)
        {
            if (predictor.TryPredict(reader.Current, outputs, faults))
            {
                output.WriteLine(string.Join(',', outputs.Select(number => number.ToString(CultureInfo.InvariantCulture))));
                continue;
            }

            refused++;
            faults.ForEach(errors.WriteLine);
            faults.Clear();
        }

        if (reader.Fault is { } fault)
        {
            errors.WriteLine(fault);
            return 1;
        }

        if (records == 0)
        {
            errors.WriteLine($"{file}: there are no records in it");
            return 1;
        }

        return refused == 0 ? 0 : 1;
    }
}
