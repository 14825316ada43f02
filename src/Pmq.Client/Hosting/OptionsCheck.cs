using Microsoft.Extensions.Options;

namespace Pmq.Client.Hosting;

/// <summary>Checks options at the start of the host by the rules that their users check them by.</summary>
internal sealed class OptionsCheck<TOptions>(Action<TOptions> check) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        try
        {
            check(options);
            return ValidateOptionsResult.Success;
        }
        catch (PmqClientException e)
        {
            return ValidateOptionsResult.Fail($"{typeof(TOptions).Name}.{e.Message}");
        }
    }
}
