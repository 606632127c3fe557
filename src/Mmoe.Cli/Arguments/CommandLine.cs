using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using Mmoe.Training;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>The command line's grammar: arguments become a <see cref="Command"/>, or faults, all of them together.</summary>
internal static class CommandLine
{
    private const int DefaultRows = 1_000;

    private static readonly Seq<(string Name, string Description)> LaterCommands = Seq(
        ("schema", "Infer, check and compare schemas"),
        ("prepare", "Encode a dataset's files ahead of training"),
        ("predict", "Write predictions for a file"),
        ("export", "Write a checkpoint in another format"),
        ("infer", "Predict with an exported model"),
        ("compare", "Train several models and seeds, and compare them"),
        ("serve", "Answer predictions over HTTP"));

    private static readonly Seq<(string Name, string Description)> LaterDataCommands = Seq(
        ("fetch", "Download a dataset's files, with SHA-256 check"),
        ("verify", "Check a dataset's files"));

    private static readonly System.CommandLine.Option<string?> Data = new("--data") { HelpName = "DIR", Description = "Where the data is (else MMOE_DATA, then ./data)" };
    private static readonly System.CommandLine.Option<bool> Json = new("--json") { Description = "Write JSON to standard output" };
    private static readonly System.CommandLine.Option<bool> Verbose = new("--verbose") { Description = "Show stack traces of unexpected failures", Recursive = true };

    private static readonly Seq<TrainOption> TrainOptions = Seq(
        new TrainOption("model", "--model", "FAMILY", $"Model family: {string.Join(", ", ModelNames.Available)}; or one of the program's own"),
        new TrainOption("engine", "--engine", "ENGINE", $"Engine: {string.Join(", ", EngineNames.Available)}"),
        new TrainOption("device", "--device", "DEVICE", "cpu, cuda or cuda:N; decides between the schema's CPU and GPU defaults"),
        new TrainOption("epoch_size", "--epochs", "N", "Passes over the train split"),
        new TrainOption("batch_size", "--batch-size", "N", "Rows per step"),
        new TrainOption("learning_rate", "--learning-rate", "X", "The optimiser's rate; with --set schedule=… the one that the schedule starts from or rises to"),
        new TrainOption("num_experts", "--experts", "N", "Number of experts"),
        new TrainOption("units", "--units", "N,N…", "Widths of an expert's dense layers"),
        new TrainOption("exclude", "--exclude", "COLUMN,…", "Features that the model does not see"),
        new TrainOption("weight_by", "--weight-by", "COLUMN", "Column that weighs rows in loss and metrics; it is then no feature"),
        new TrainOption("seed", "--seed", "N", "Fixes initial values and the order of rows"),
        new TrainOption("threads", "--threads", "N", "Threads of the engine, at most one per processor (1)"));

    // What a new model would be like is taken, so that it can be refused with a reason, and is not shown.
    private static readonly Seq<TrainOption> FineTuneOptions = TrainOptions
        .Map(o => o.Key is "model" or "num_experts" or "units"
            ? new TrainOption(o.Key, new System.CommandLine.Option<string?>(o.Option.Name) { Hidden = true })
            : o)
        .Add(new TrainOption("freeze", "--freeze", "PART,…", "Parts that training leaves as they are: experts, gates, towers, or parts of them"))
        .Strict();

    private static readonly System.CommandLine.Option<string?> Config = new("--config")
    {
        HelpName = "F.yaml",
        Description = "Configuration keys and their values in a file; an option or --set beside it wins",
    };

    private static readonly Seq<Option> LaterTrainOptions = Seq1<Option>(
        new System.CommandLine.Option<bool>("--distributed") { Description = "Not available yet" });

    private static readonly Argument<string?> OptionalName = new("NAME") { Arity = ArgumentArity.ZeroOrOne, Description = "A dataset" };
    private static readonly Argument<string> Name = new("NAME") { Description = "A dataset: see 'mmoe datasets'" };
    private static readonly Argument<string> Target = new("RUN|CHECKPOINT") { Description = "A run's directory, or a checkpoint file" };
    private static readonly Argument<string> Start = new("CHECKPOINT") { Description = "A checkpoint file, or a run's directory for its best one" };
    private static readonly System.CommandLine.Option<string?> Split = new("--split") { HelpName = "SPLIT", Description = "train, validation or test (the default)" };
    private static readonly System.CommandLine.Option<string?> Out = new("--out")
    {
        HelpName = "RUN",
        Description = "The run's directory (the next free runs/NAME-<n>)",
    };

    private static readonly System.CommandLine.Option<bool> Resume = new("--resume")
    {
        Description = "Go on with the run in --out, with its configuration: only epochs, engine, device and threads may change",
    };

    private static readonly System.CommandLine.Option<bool> TensorBoard = new("--tensorboard")
    {
        Description = "Also write every epoch for TensorBoard, to RUN/tensorboard",
    };

    private static readonly System.CommandLine.Option<string[]> Set = new("--set") { HelpName = "key=value", Description = "Set any configuration key; may be repeated" };
    private static readonly System.CommandLine.Option<string?> EvaluateData = new("--data") { HelpName = "DIR|FILE", Description = "A data directory, or one file, of which every row is scored" };

    private static readonly System.CommandLine.Option<string?> InspectData = new("--data")
    {
        HelpName = "DIR|FILE",
        Description = "Where the rows are that gates are shown on (else MMOE_DATA, then ./data), or one file",
    };

    private static readonly System.CommandLine.Option<string?> InspectSplit = new("--split")
    {
        HelpName = "SPLIT",
        Description = "The rows that gates are shown on: train, validation (the default) or test",
    };

    private static readonly System.CommandLine.Option<string?> Png = new("--png")
    {
        HelpName = "FILE",
        Description = "Also draw the gates' weights as a heat map. No file is replaced",
    };

    private static readonly System.CommandLine.Option<bool> Mermaid = new("--mermaid")
    {
        Description = "Write the model's parts as a Mermaid flowchart, and nothing else",
    };

    private static readonly System.CommandLine.Option<string?> Rows = new("--rows")
    {
        HelpName = "N",
        Description = $"The number of rows ({DefaultRows})",
    };

    private static readonly System.CommandLine.Option<string?> Seed = new("--seed")
    {
        HelpName = "S",
        Description = "Fixes the rows (the schema's seed)",
    };

    private static readonly System.CommandLine.Option<string> OutFile = new("--out")
    {
        HelpName = "F",
        Required = true,
        Description = "The file to make: gzip if it ends in .gz; - for standard output. No file is replaced",
    };

    private static readonly System.CommandLine.Command Datasets = new(
        "datasets", $"Show what is compiled in, and where data is found; {DatasetRegistry.Origin}")
    {
        OptionalName, Data, Json,
    };

    private static readonly System.CommandLine.Command Train =
        TrainSyntax(new("train", "Train a model, evaluate it, and save both") { Name }, TrainOptions);

    private static readonly System.CommandLine.Command FineTune = TrainSyntax(
        new("fine-tune", "Train on from a checkpoint, also of a schema that has changed; the model is the checkpoint's") { Start, Name },
        FineTuneOptions);

    private static readonly System.CommandLine.Command Evaluate = new("evaluate", "Report a model's metrics") { Target, EvaluateData, Split, Json };
    private static readonly System.CommandLine.Command Inspect = new(
        "inspect", "Show a model's layers and parameter counts, what it sees, its metrics, and how its gates use the experts")
    {
        Target, InspectData, InspectSplit, Png, Mermaid, Json,
    };

    private static readonly System.CommandLine.Command Synthesize = new(
        "synthesize",
        "Write made-up rows that a dataset's schema allows, in its file format; labels are random (a generator draws its own rows)")
    {
        Name, Rows, Seed, OutFile,
    };

    private static readonly System.CommandLine.Command DataFiles = DataSyntax();
    private static readonly System.CommandLine.Command Root = RootSyntax();

    /// <summary>Whether stack traces were asked for.</summary>
    public static bool IsVerbose(string[] args) => args.Contains("--verbose");

    /// <summary>Reads arguments.</summary>
    /// <returns>The command, or every fault of the line.</returns>
    public static Validation<Fault, Command> Parse(string[] args)
    {
        var parsed = Root.Parse([.. args.SelectMany(Separate)]);
        if (parsed.Action is { } action and not System.CommandLine.Help.HelpAction && parsed.Errors.Count == 0)
        {
            return Success<Fault, Command>(new PrintCommand(parsed, IsOfTraining: false));
        }

        if (parsed.Action is System.CommandLine.Help.HelpAction || args.Length == 0)
        {
            return Success<Fault, Command>(
                new PrintCommand(args.Length == 0 ? Root.Parse(["--help"]) : parsed, parsed.CommandResult.Command == Train));
        }

        var command = parsed.CommandResult.Command;
        if ((LaterCommands + LaterDataCommands).Exists(c => c.Name == command.Name))
        {
            return Fail<Fault, Command>(Fault.Usage($"{Called(command)} is not available yet", $"available are {Available}"));
        }

        if (command == Synthesize)
        {
            return ReadSynthesize(parsed);
        }

        var faults = Faults(parsed, command)
            + (command == Train || command == FineTune ? TrainFaults(parsed) : command == Inspect ? InspectFaults(parsed) : Empty);
        return !faults.IsEmpty ? Fail<Fault, Command>(faults)
            : command == Datasets ? Success<Fault, Command>(new DatasetsCommand(parsed.GetValue(OptionalName), parsed.GetValue(Data), parsed.GetValue(Json)))
            : command == Train ? Success<Fault, Command>(ReadTrain(parsed, TrainOptions))
            : command == FineTune ? Success<Fault, Command>(
                ReadTrain(parsed, FineTuneOptions) with { Checkpoint = parsed.GetRequiredValue(Start) })
            : command == Inspect ? Success<Fault, Command>(ReadInspect(parsed))
            : Success<Fault, Command>(
                new EvaluateCommand(parsed.GetRequiredValue(Target), parsed.GetValue(EvaluateData), parsed.GetValue(Split), parsed.GetValue(Json)));
    }

    private static string Available => "datasets, data synthesize, train, fine-tune, evaluate and inspect";

    /// <summary>
    /// An option that ends in its separator has an empty value; left as it is, the parser would take the next option for the value.
    /// </summary>
    private static IEnumerable<string> Separate(string arg) =>
        arg.StartsWith("--", StringComparison.Ordinal) && arg.IndexOfAny(['=', ':']) is > 2 and var at && at == arg.Length - 1
            ? [arg[..at], ""]
            : [arg];

    private static Seq<Fault> Faults(ParseResult parsed, System.CommandLine.Command command)
    {
        var unmatched = parsed.UnmatchedTokens;
        // A value that follows an unknown option belongs to it, and an unknown command takes the rest of the line with it.
        bool Stands(string token, int index) =>
            index == 0 || (!IsGroup(command) && (IsOption(token) || !IsOption(unmatched[index - 1])));
        var unknown = toSeq(unmatched.Where(Stands)).Map(token => Unknown(token, command));
        var others = toSeq(parsed.Errors)
            .Map(e => e.Message)
            .Filter(m => !unmatched.Any(t => m.Contains($"'{t}'", StringComparison.Ordinal)) && !(IsGroup(command) && !unknown.IsEmpty))
            .Map(m => Fault.Usage(m.TrimEnd('.'), $"see '{Called(command)} --help'"));
        return unknown + others + EmptyValues(parsed);
    }

    /// <summary>Whether a command only holds others.</summary>
    private static bool IsGroup(System.CommandLine.Command command) => command.Subcommands.Count > 0;

    /// <summary>How a command is called: <c>mmoe data synthesize</c>.</summary>
    private static string Called(System.CommandLine.Command command) =>
        string.Join(' ', command.Parents.OfType<System.CommandLine.Command>().Select(Called).Append(command.Name));

    /// <summary>An empty text is no name: as a path it would silently mean the current directory.</summary>
    private static Seq<Fault> EmptyValues(ParseResult parsed) => toSeq(parsed.CommandResult.Children)
        .Filter(part => part.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        .Choose(part => part switch
        {
            // What is refused anyway, or has a form of its own, says what is wrong with it.
            OptionResult given when given.Option == Set || LaterTrainOptions.Contains(given.Option) => None,
            OptionResult given => Some(Fault.Usage($"{given.Option.Name}: the value is empty", "give one, or leave the option out")),
            ArgumentResult given => Some(Fault.Usage($"{given.Argument.Name}: the value is empty", "give a name")),
            _ => None,
        });

    private static bool IsOption(string token) => token.StartsWith('-') && token.Length > 1;

    private static Fault Unknown(string token, System.CommandLine.Command command)
    {
        var known = IsOption(token) ? command.Options.Select(o => o.Name) : command.Subcommands.Select(c => c.Name);
        var what = IsOption(token) ? "option" : IsGroup(command) ? "command" : "argument";
        var nearest = NearestMatch.Of(token, known);
        return Fault.Usage(
            $"unknown {what} '{token}'",
            nearest is null ? $"see '{Called(command)} --help'" : $"did you mean '{nearest}'?");
    }

    private static Seq<Fault> TrainFaults(ParseResult parsed) =>
        LaterTrainOptions
            .Filter(o => parsed.GetResult(o) is { Implicit: false })
            .Map(o => Fault.Usage($"{o.Name} is not available yet", "leave it out"))
        + toSeq(parsed.GetValue(Set) ?? [])
            .Filter(s => s.IndexOf('=') <= 0)
            .Map(s => Fault.Usage($"--set {s}: not of the form key=value"));

    private static TrainCommand ReadTrain(ParseResult parsed, Seq<TrainOption> all)
    {
        var options = all.Choose(o => Optional(parsed.GetValue(o.Option)).Map(text => new Override(o.Key, text, o.Option.Name)));
        var sets = toSeq(parsed.GetValue(Set) ?? []).Map(s => (Text: s, Split: s.IndexOf('=')))
            .Map(s => new Override(s.Text[..s.Split].Trim(), s.Text[(s.Split + 1)..].Trim(), $"--set {s.Text}"));
        return new TrainCommand(
            parsed.GetRequiredValue(Name),
            parsed.GetValue(Data),
            parsed.GetValue(Out),
            parsed.GetValue(Config),
            (options + sets).Strict(),
            parsed.GetValue(Resume),
            parsed.GetValue(Json),
            parsed.GetValue(TensorBoard));
    }

    // The flowchart is the model's parts alone: whatever else is asked for with it would be lost without a word.
    private static Seq<Fault> InspectFaults(ParseResult parsed) => parsed.GetValue(Mermaid)
        ? Seq<Option>(InspectData, InspectSplit, Png, Json)
            .Filter(option => parsed.GetResult(option) is { Implicit: false })
            .Map(option => Fault.Usage($"{option.Name}: with --mermaid nothing but the flowchart is written", "give one of the two"))
        : Empty;

    private static InspectCommand ReadInspect(ParseResult parsed) => new(
        parsed.GetRequiredValue(Target),
        parsed.GetValue(InspectData),
        parsed.GetValue(InspectSplit),
        parsed.GetValue(Png),
        parsed.GetValue(Mermaid) ? InspectFormat.Mermaid : parsed.GetValue(Json) ? InspectFormat.Json : InspectFormat.Text);

    private static Validation<Fault, Command> ReadSynthesize(ParseResult parsed)
    {
        var faults = Faults(parsed, Synthesize);
        return (
            faults.IsEmpty ? Success<Fault, Unit>(unit) : Fail<Fault, Unit>(faults),
            Value(Rows, 1).Map(rows => rows.IfNone(DefaultRows)),
            Value(Seed, int.MinValue))
            .Apply(Command (_, rows, seed) =>
                new SynthesizeCommand(parsed.GetRequiredValue(Name), rows, seed, parsed.GetRequiredValue(OutFile)));

        Validation<Fault, LanguageExt.Option<int>> Value(Option option, int least) =>
            parsed.GetResult(option) is { Tokens: [{ Value: var text }] }
                ? ReadWhole(option, text, least).Map(Some)
                : Success<Fault, LanguageExt.Option<int>>(None);
    }

    private static Validation<Fault, int> ReadWhole(Option option, string text, int least) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? Success<Fault, int>(value)
            : Fail<Fault, int>(Fault.Usage(
                $"{option.Name}: '{text}' is no such number", $"give a whole number from {least} to {int.MaxValue}"));

    private static System.CommandLine.Command DataSyntax()
    {
        var command = new System.CommandLine.Command("data", "Write schema-faithful rows; download and check files (not available yet)")
        {
            Synthesize,
        };
        LaterDataCommands.Iter(c => command.Subcommands.Add(Later(c)));
        return command;
    }

    private static System.CommandLine.Command Later((string Name, string Description) command) =>
        new(command.Name, $"{command.Description} (not available yet)") { TreatUnmatchedTokensAsErrors = false };

    private static System.CommandLine.Command TrainSyntax(System.CommandLine.Command command, Seq<TrainOption> options)
    {
        command.Options.Add(Data);
        command.Options.Add(Config);
        options.Iter(o => command.Options.Add(o.Option));
        LaterTrainOptions.Iter(command.Options.Add);
        command.Options.Add(Set);
        command.Options.Add(Out);
        command.Options.Add(Resume);
        command.Options.Add(TensorBoard);
        command.Options.Add(Json);
        return command;
    }

    private static System.CommandLine.Command RootSyntax()
    {
        var root = new System.CommandLine.Command("mmoe", "Multi-task models on tabular data, with the data's vocabulary checked by the compiler")
        {
            Datasets, DataFiles, Train, FineTune, Evaluate, Inspect, Verbose, new System.CommandLine.Help.HelpOption { Recursive = true }, new VersionOption(),
        };
        LaterCommands.Iter(c => root.Subcommands.Add(Later(c)));
        return root;
    }

    /// <summary>An option that sets a configuration key.</summary>
    private sealed record TrainOption(string Key, System.CommandLine.Option<string?> Option)
    {
        public TrainOption(string key, string name, string value, string description)
            : this(key, new System.CommandLine.Option<string?>(name) { HelpName = value, Description = description })
        {
        }
    }
}
