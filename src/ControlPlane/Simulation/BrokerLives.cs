using System.Globalization;
using ControlPlane.Engine.Model;

namespace ControlPlane.Simulation;

/// <summary>Broker processes and disks that fail and come back, and what the controller does about it.</summary>
internal sealed class BrokerLives(WorldState world, Leadership leadership)
{
    public static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(9);
    public static readonly TimeSpan StartUp = TimeSpan.FromSeconds(6);
    public static readonly TimeSpan WakeUp = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan ControlledShutdown = TimeSpan.FromSeconds(4);

    private readonly PartitionStore _partitions = world.Partitions;

    /// <summary>Raised when a broker's connections break, with what a client sees.</summary>
    public event Action<SimulatedBroker, string>? Disconnected;

    /// <summary>Raised after what happens by itself: a session timed out, a broker has started or ended.</summary>
    public event Action? Changed;

    /// <summary>kill -9: connections break at once, the controller notices when the session times out.</summary>
    public bool Kill(int id)
    {
        var broker = world.Broker(id);
        if (broker.Life == BrokerLife.Stopped)
        {
            return false;
        }

        GoSilent(broker, BrokerLife.Stopped);
        Disconnected?.Invoke(broker, string.Create(CultureInfo.InvariantCulture, $"connection to {broker.Host}:{broker.Port} was reset by the broker's machine"));
        return true;
    }

    /// <summary>SIGSTOP: the kernel still accepts connections, nothing answers.</summary>
    public bool Hang(int id)
    {
        var broker = world.Broker(id);
        if (broker.Life is not (BrokerLife.Running or BrokerLife.Starting))
        {
            return false;
        }

        GoSilent(broker, BrokerLife.Hanging);
        return true;
    }

    /// <summary>SIGCONT after <see cref="Hang"/>.</summary>
    public bool Resume(int id)
    {
        var broker = world.Broker(id);
        if (broker.Life != BrokerLife.Hanging)
        {
            return false;
        }

        Enter(broker, broker.IsFenced ? BrokerLife.Starting : BrokerLife.Running);
        if (broker.IsFenced)
        {
            After(broker, WakeUp, () => Unfence(broker));
        }
        else
        {
            RefreshLed(broker);
        }

        return true;
    }

    public bool Start(int id)
    {
        var broker = world.Broker(id);
        if (broker.Life != BrokerLife.Stopped)
        {
            return false;
        }

        Enter(broker, BrokerLife.Starting);
        Fence(broker); // a new incarnation registers fenced, whatever the old session was
        After(broker, StartUp, () => Unfence(broker));
        return true;
    }

    /// <summary>SIGTERM: leaders move away first, then the process ends; then what is asked for, if it did not come otherwise.</summary>
    public bool Shutdown(int id, Action? afterwards)
    {
        var broker = world.Broker(id);
        if (broker.Life is not (BrokerLife.Running or BrokerLife.Starting))
        {
            return false;
        }

        Enter(broker, BrokerLife.ShuttingDown);
        foreach (var slot in _partitions.SlotsOf(id))
        {
            var partition = _partitions.PartitionOf(slot);
            leadership.LeaveIsr(partition, slot);
            if (_partitions.Leader(partition) == id && _partitions.CountInSync(partition) > (_partitions.IsInSync(slot) ? 1 : 0))
            {
                leadership.Elect(partition);
            }
        }

        After(broker, ControlledShutdown, () =>
        {
            GoSilent(broker, BrokerLife.Stopped);
            Fence(broker);
            Disconnected?.Invoke(broker, string.Create(CultureInfo.InvariantCulture, $"connection was closed by {broker.Host}:{broker.Port}"));
            afterwards?.Invoke();
        });
        return true;
    }

    /// <summary>The disk fails: Kafka takes the dir offline; without any dir left the broker halts.</summary>
    public void FailLogDir(int id, int dir)
    {
        var broker = world.Broker(id);
        if (broker.LogDirs[dir].IsOffline)
        {
            return;
        }

        broker.LogDirs[dir].IsOffline = true;
        if (Array.TrueForAll(broker.LogDirs, logDir => logDir.IsOffline))
        {
            Kill(id);
            return;
        }

        foreach (var slot in _partitions.SlotsOf(id))
        {
            if (_partitions.LogDir(slot) == dir)
            {
                TakeOffline(slot);
            }
        }
    }

    /// <summary>Kafka reads a log dir again only when it starts, so this needs a broker that isn't running.</summary>
    public void RepairLogDirs(int id)
    {
        foreach (var dir in world.Broker(id).LogDirs)
        {
            dir.Clean();
            dir.IsOffline = false;
        }
    }

    /// <summary>Followers on the disk can no longer keep up; what they lag shows when the ISR rule's time is over.</summary>
    public void SlowDisk(int id, int dir, double bytesPerSecond)
    {
        world.Broker(id).LogDirs[dir].SlowBytesPerSecond = bytesPerSecond;
        foreach (var slot in _partitions.SlotsOf(id))
        {
            var partition = _partitions.PartitionOf(slot);
            if (_partitions.LogDir(slot) == dir && _partitions.Leader(partition) != id)
            {
                world.Lagging.Track(partition, id, world.EndOf(partition), world.Now);
            }
        }
    }

    private void GoSilent(SimulatedBroker broker, BrokerLife life)
    {
        Enter(broker, life);
        foreach (var slot in _partitions.SlotsOf(broker.Id))
        {
            var partition = _partitions.PartitionOf(slot);
            world.Lagging.Track(partition, broker.Id, world.EndOf(partition), world.Now);
        }

        RefreshLed(broker);
        After(broker, SessionTimeout, () => Fence(broker));
    }

    private void RefreshLed(SimulatedBroker broker)
    {
        foreach (var slot in _partitions.SlotsOf(broker.Id))
        {
            var partition = _partitions.PartitionOf(slot);
            if (_partitions.Leader(partition) == broker.Id)
            {
                leadership.RefreshWrites(partition);
                if (broker.Life == BrokerLife.Running)
                {
                    world.Lagging.Forget(partition, broker.Id); // it woke up in time and still leads
                }
            }
        }
    }

    private void Fence(SimulatedBroker broker)
    {
        if (broker.IsFenced)
        {
            return;
        }

        broker.IsFenced = true;
        world.MetadataRecords++;
        foreach (var slot in _partitions.SlotsOf(broker.Id))
        {
            TakeOffline(slot);
        }
    }

    private void Unfence(SimulatedBroker broker)
    {
        broker.Life = BrokerLife.Running;
        broker.IsFenced = false;
        world.MetadataRecords++;
        foreach (var slot in _partitions.SlotsOf(broker.Id))
        {
            if (!world.LogDirOf(slot).IsOffline)
            {
                BringOnline(slot);
            }
        }
    }

    private void TakeOffline(int slot)
    {
        var (partition, broker) = (_partitions.PartitionOf(slot), _partitions.Broker(slot));
        _partitions.SetFlags(slot, _partitions.Flags(slot) | ReplicaFlags.Offline);
        world.Lagging.Track(partition, broker, world.EndOf(partition), world.Now);
        leadership.LeaveIsr(partition, slot);
        if (_partitions.Leader(partition) == broker)
        {
            leadership.Elect(partition);
        }
    }

    private void BringOnline(int slot)
    {
        var partition = _partitions.PartitionOf(slot);
        _partitions.SetFlags(slot, _partitions.Flags(slot) & ~ReplicaFlags.Offline);
        if (_partitions.Leader(partition) < 0)
        {
            leadership.Elect(partition);
        }
    }

    private static void Enter(SimulatedBroker broker, BrokerLife life)
    {
        broker.Life = life;
        broker.Incarnation++;
    }

    private void After(SimulatedBroker broker, TimeSpan delay, Action action)
    {
        var incarnation = broker.Incarnation;
        world.Clock.Schedule(delay, () =>
        {
            if (broker.Incarnation == incarnation)
            {
                action();
                Changed?.Invoke();
            }
        });
    }
}
