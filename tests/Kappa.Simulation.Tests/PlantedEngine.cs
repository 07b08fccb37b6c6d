using System.Reflection;
using Kappa.Streams;
using Kappa.Streams.Nodes;
using Kappa.Streams.Runtime;

namespace Kappa.Simulation;

/// <summary>
/// Faults inside the engine's stages. A machine asks each source of its job for a segment, when tracks, exchanges and
/// stages are there: a source that stands in for the real one puts faulty ones in their place.
/// </summary>
internal static class PlantedEngine
{
    private static readonly string[] InStages =
    [
        Plants.LateAfterClean, Plants.WatermarkPerStep, Plants.TimerOrderByWorker,
        Plants.RestoreSkipsTimers,
    ];

    /// <summary>The job as the planted engine runs it; itself, where the plant is another one.</summary>
    public static Topology Of(Job job, string? plant)
    {
        var topology = job.Build();
        if (!InStages.Contains(plant))
        {
            return topology;
        }

        var last = topology.Nodes.Last(node => node is ISourceNode);
        return new Topology(job, [.. topology.Nodes.Select(node => node is ISourceNode
            ? new Source(node, machine => Plant(machine, topology, node == last ? plant : null))
            : node)]);
    }

    private static void Plant(JobMachine machine, Topology topology, string? plant)
    {
        foreach (var node in plant is null ? [] : topology.Nodes.OfType<IExchangeNode>())
        {
            var exchange = machine.ExchangeOf(node.Id);
            if (plant == Plants.TimerOrderByWorker)
            {
                typeof(PlantedEngine).GetMethod(nameof(OrderByWorker), BindingFlags.Static | BindingFlags.NonPublic)!
                    .MakeGenericMethod(exchange.GetType().GetGenericArguments()).Invoke(null, [exchange]);
                continue;
            }

            foreach (var instance in exchange.Instances)
            {
                if (plant == Plants.RestoreSkipsTimers)
                {
                    var stages = (List<IStage>)instance.Stages;
                    for (var i = 0; i < stages.Count; i++)
                    {
                        stages[i] = new ForgetfulStage(stages[i]);
                    }
                }
                else
                {
                    Set(instance, "<Track>k__BackingField", new PlantedTrack(instance.Track, machine, plant!));
                }
            }
        }
    }

    /// <summary>Timers of one place come worker by worker.</summary>
    private static void OrderByWorker<TKey, T>(Exchange<TKey, T> exchange)
        where TKey : notnull
    {
        var order = (Comparison<Item<TKey, T>>)FieldOf(exchange, "_order").GetValue(exchange)!;
        Set(exchange, "_order", (Comparison<Item<TKey, T>>)((left, right) =>
            left.At.Place == right.At.Place && left.At.Phase >= Moment.Timer && right.At.Phase >= Moment.Timer
                ? 0
                : order(left, right)));
    }

    private static FieldInfo FieldOf(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException(
            $"{owner.GetType().Name} has no {name}: the plant has nothing to grow in.");

    private static void Set(object owner, string name, object value) => FieldOf(owner, name).SetValue(owner, value);

    /// <summary>A source of the job, built as it is written and never as one loop with what lies behind it.</summary>
    private sealed class Source : Node, ISourceNode
    {
        private readonly Node _node;
        private readonly ISourceNode _source;
        private readonly Action<JobMachine> _plant;

        public Source(Node node, Action<JobMachine> plant)
            : base(node.Flow)
        {
            (_node, _source, _plant) = (node, (ISourceNode)node, plant);
            Id = node.Id;
        }

        public override string Kind => _node.Kind;

        public override string Settings => _node.Settings;

        public override IEnumerable<Type> Types => _node.Types;

        public string Topic => _source.Topic;

        public bool HasEventTime => _source.HasEventTime;

        public SourceTiming Timing => _source.Timing;

        public bool NeedsDecoding => _source.NeedsDecoding;

        public Projection Project() => _source.Project();

        public bool IsPreloaded
        {
            get => _source.IsPreloaded;
            set => _source.IsPreloaded = value;
        }

        public GeneralSegment BuildSegment(JobMachine machine) => _source.BuildSegment(machine);

        public SourceSegment Fused(GeneralSegment plain, Topology topology, JobMachine machine)
        {
            _plant(machine);
            return plain;
        }
    }

    /// <summary>A stage whose timers are not there any more when it comes back from a state file.</summary>
    private sealed class ForgetfulStage(IStage stage) : IStage
    {
        public int Number => stage.Number;

        public long NextDue => stage.NextDue;

        public long NextSetAt => stage.NextSetAt;

        public long NextLogDue => stage.NextLogDue;

        public long NextLogSetAt => stage.NextLogSetAt;

        public void Fire(in Firing firing) => stage.Fire(firing);

        public void FireLog(in Firing firing) => stage.FireLog(firing);

        public IStageStates States => stage.States;

        public void Collect(Kappa.Tables.TableChanges into, bool withOpen) => stage.Collect(into, withOpen);

        public void Save(StateWriter into) => stage.Save(into);

        public void Load(StateReader from, IReadOnlyList<IStage> workers)
        {
            var real = workers.Select(worker => worker is ForgetfulStage forgetful ? forgetful.Real : worker).ToList();
            stage.Load(from, real);
            foreach (var worker in real)
            {
                if (worker.GetType().GetField("_timers", BindingFlags.Instance | BindingFlags.NonPublic) is { } timers)
                {
                    // New ones that know by the same function which are still set, and none that was.
                    var isSet = FieldOf(timers.GetValue(worker)!, "<isSet>P").GetValue(timers.GetValue(worker));
                    timers.SetValue(worker, Activator.CreateInstance(timers.FieldType, isSet));
                }
            }
        }

        private IStage Real => stage;
    }
}
