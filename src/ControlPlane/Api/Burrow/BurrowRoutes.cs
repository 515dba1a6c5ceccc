using ControlPlane.Api.Resources;
using Microsoft.Extensions.Options;

namespace ControlPlane.Api.Burrow;

/// <summary>Where Burrow's API is, and which request means what.</summary>
internal static class BurrowRoutes
{
    private const string Read = "GET, OPTIONS";
    private const string ReadOrForget = "DELETE, GET, OPTIONS";
    private const string Forget = "DELETE, OPTIONS";
    private const string ReadOrSet = "GET, OPTIONS, POST";

    public static IServiceCollection AddBurrow(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BurrowOptions>().Bind(configuration.GetSection(BurrowOptions.Section)).ValidateOnStart();
        services.AddSingleton<LogLevelSwitch>();
        services.AddSingleton<IPostConfigureOptions<LoggerFilterOptions>>(provider => provider.GetRequiredService<LogLevelSwitch>());
        services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(provider => provider.GetRequiredService<LogLevelSwitch>());
        services.AddSingleton<BurrowClusters>();
        services.AddSingleton<BurrowConsumers>();
        services.AddSingleton<BurrowNotifiers>();
        services.AddSingleton<BurrowSelf>();
        services.AddSingleton<BurrowModules>();
        return services.AddSingleton<BurrowAdmin>();
    }

    /// <summary>Paths are read by <see cref="BurrowAddress"/>; the patterns here say only which of them are about one cluster and which change something.</summary>
    public static void MapBurrow(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<BurrowOptions>>().Value.Enabled)
        {
            return;
        }

        app.Map("/burrow/{**rest}", AnswerAsync).AsBurrow();
        app.Map("/v3/{**rest}", AnswerAsync).AsBurrow();
        app.Map("/v3/kafka/{cluster}", AnswerAsync).AsBurrow().OfOwner();
        app.Map("/v3/kafka/{cluster}/{**rest}", AnswerAsync).AsBurrow().OfOwner();
        app.Map("/v3/config/cluster/{cluster}", AnswerAsync).AsBurrow().OfOwner();
        app.Map("/v3/config/consumer/{cluster}", AnswerAsync).AsBurrow().OfOwner();
        app.MapDelete("/v3/kafka/{cluster}/consumer/{**rest}", AnswerAsync).AsBurrow().OfOwner().Audited("lag.forget");
        app.MapPost("/v3/admin/loglevel", AnswerAsync).AsBurrow().Audited("log.level");
    }

    private static RouteHandlerBuilder AsBurrow(this RouteHandlerBuilder endpoint) =>
        endpoint.AllowAnonymous().WithMetadata(BurrowSurface.Instance).ExcludeFromDescription();

    private static async Task<IResult> AnswerAsync(HttpContext http, BurrowConsumers consumers, BurrowModules modules, BurrowAdmin admin)
    {
        var call = new BurrowCall(http, BurrowAddress.Of(http));
        var (allow, method) = (AllowedOn(call.Address.Segments), http.Request.Method);
        if (allow is null)
        {
            return BurrowAnswer.UnknownPath;
        }

        if (call.Address.Clean is { } clean)
        {
            return BurrowAnswer.Moved(method, clean);
        }

        if (HttpMethods.IsOptions(method))
        {
            return BurrowAnswer.Options(allow);
        }

        if (!allow.Split(", ").Contains(method, StringComparer.Ordinal))
        {
            return BurrowAnswer.WrongMethod(allow);
        }

        try
        {
            return HttpMethods.IsDelete(method)
                ? await consumers.ForgetAsync(call, call.Address.Segments[2], call.Address.Segments[4], call.Address.Segments is [.., "topic", var topic] ? topic : null)
                : HttpMethods.IsPost(method) ? await admin.SetLevelAsync(call)
                : await ReadAsync(call, consumers, modules, admin);
        }
        catch (BurrowNotReadyException ex)
        {
            return BurrowAnswer.Error(503, ex.Message, call.Path);
        }
    }

    /// <summary>The methods of a path; null for one that Burrow does not have.</summary>
    private static string? AllowedOn(string[] path) => path switch
    {
        ["burrow", "admin"] or ["burrow", "admin", "ready"] => Read,
        ["v3", "kafka"] or ["v3", "kafka", _] or ["v3", "kafka", _, "topic" or "consumer"] => Read,
        ["v3", "kafka", _, "topic", _] or ["v3", "kafka", _, "topic", _, "consumers"] => Read,
        ["v3", "kafka", _, "consumer", _] => ReadOrForget,
        ["v3", "kafka", _, "consumer", _, "status" or "lag"] => Read,
        ["v3", "kafka", _, "consumer", _, "topic", _] => Forget,
        ["v3", "config"] or ["v3", "config", "storage" or "evaluator" or "cluster" or "consumer" or "notifier"] => Read,
        ["v3", "config", "storage" or "evaluator" or "cluster" or "consumer" or "notifier", _] => Read,
        ["v3", "admin", "loglevel"] => ReadOrSet,
        _ => null,
    };

    private static async Task<BurrowAnswer> ReadAsync(BurrowCall call, BurrowConsumers consumers, BurrowModules modules, BurrowAdmin admin) => call.Address.Segments switch
    {
        ["burrow", "admin"] => BurrowAdmin.Lives,
        ["burrow", ..] => admin.Ready,
        ["v3", "kafka"] => await consumers.ListClustersAsync(call),
        ["v3", "kafka", var cluster] => await modules.DetailAsync(call, "cluster", cluster),
        ["v3", "kafka", var cluster, "topic"] => await consumers.ListTopicsAsync(call, cluster),
        ["v3", "kafka", var cluster, "topic", var topic] => await consumers.OffsetsAsync(call, cluster, topic),
        ["v3", "kafka", var cluster, "topic", var topic, _] => await consumers.ReadersAsync(call, cluster, topic),
        ["v3", "kafka", var cluster, "consumer"] => await consumers.ListAsync(call, cluster),
        ["v3", "kafka", var cluster, "consumer", var group] => await consumers.DetailAsync(call, cluster, group),
        ["v3", "kafka", var cluster, "consumer", var group, var what] => await consumers.StatusAsync(call, cluster, group, what == "lag"),
        ["v3", "config"] => modules.Main(call),
        ["v3", "config", var coordinator] => await modules.ListAsync(call, coordinator),
        ["v3", "config", var coordinator, var name] => await modules.DetailAsync(call, coordinator, name),
        _ => admin.ShowLevel(call),
    };
}
