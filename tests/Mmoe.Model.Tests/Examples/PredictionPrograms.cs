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

    public static void Records(Predictor predictor, DatasetDescriptor dataset, Stream stream, string file, List<Fault> faults)
    {
        using var reader = new CsvReader(stream, dataset.Format, file);
        var outputs = new float[predictor.OutputWidth];
        if (dataset.Format.Header && reader.Read() == CsvStep.Record)
        {
            predictor.CheckHeader(reader.Current, faults);
        }

        while (reader.Read() == CsvStep.Record)
        {
            if (predictor.TryPredict(reader.Current, outputs, faults))
            {
                Console.WriteLine(string.Join(',', outputs));
            }
        }
    }
}
