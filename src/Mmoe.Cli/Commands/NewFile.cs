using LanguageExt;
using Mmoe.Data;
using static LanguageExt.Prelude;

namespace Mmoe.Cli;

/// <summary>Files that the user names to be made; none that is there is replaced.</summary>
internal static class NewFile
{
    /// <summary>The path of a file that is not there yet.</summary>
    /// <param name="option">The option that named it, for the fault.</param>
    /// <param name="name">What the user wrote.</param>
    /// <param name="host">Where relative paths start.</param>
    public static Validation<Fault, string> Free(string option, string name, MmoeHost host)
    {
        var path = Path.GetFullPath(name, host.CurrentDirectory);
        return Path.Exists(path)
            ? Fail<Fault, string>(Fault.Usage($"{option} {name}: it is there already", "name another file, or remove it"))
            : Success<Fault, string>(path);
    }
}
