using System.Globalization;
using LanguageExt;
using Mmoe.Data;
using TorchSharp;
using static LanguageExt.Prelude;
using static TorchSharp.torch;

namespace Mmoe.Training.Torch;

/// <summary>Where tensors lie and operations run.</summary>
internal static class TorchDevice
{
    /// <summary>The device of a text, found usable on this machine. libtorch must be loaded.</summary>
    /// <param name="text"><c>cpu</c>, <c>cuda</c> (the first) or <c>cuda:N</c>.</param>
    public static Validation<Fault, Device> Parse(string text)
    {
        if (text == "cpu")
        {
            return CPU;
        }

        var index = 0;
        if (text != "cuda"
            && !(text.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            return Fail<Fault, Device>(Fault.Usage($"'{text}' is no device", "write cpu, cuda or cuda:N with N from 0"));
        }

        var devices = TryInitializeDeviceType(DeviceType.CUDA) ? cuda.device_count() : 0;
        return devices == 0
            ? Fail<Fault, Device>(Fault.Run(
                $"the device {text} cannot be used: no CUDA device is found",
                $"it takes an NVIDIA GPU with its driver, and the package {LibTorch.PackageName(cuda: true)} {LibTorch.PackageVersion} "
                + $"in place of {LibTorch.PackageName(cuda: false)}; --device cpu needs neither"))
            : index >= devices
            ? Fail<Fault, Device>(Fault.Usage($"there is no device {text}", $"the last one is cuda:{devices - 1}"))
            : new Device(DeviceType.CUDA, index);
    }
}
