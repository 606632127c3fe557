using LanguageExt;
using Mmoe.Data;

namespace Mmoe.Training.Tests;

/// <summary>What a validation holds, or a failed test that shows what it holds instead.</summary>
internal static class ValidationAssertions
{
    internal static T AssertSuccess<T>(this Validation<Fault, T> validation) =>
        validation.Match(value => value, faults => throw new Xunit.Sdk.XunitException("unexpected: " + string.Join("; ", faults)));

    internal static Fault AssertFault<T>(this Validation<Fault, T> validation) => Assert.Single(validation.AssertFaults());

    internal static Seq<Fault> AssertFaults<T>(this Validation<Fault, T> validation) =>
        validation.Match(value => throw new Xunit.Sdk.XunitException($"no fault, but {value}"), faults => faults);
}
